"""When and whether to try again."""

from __future__ import annotations

import random
from email.utils import formatdate
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfhub.http import parse_ratelimit_headers
from hfhub.http.retry import Retry, asked_wait


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"ratelimit": '"api";r=0;t=55'}, 56),
        ({"ratelimit": '"api"; r=0 ;t=55', "retry-after": "7"}, 56),
        ({"ratelimit": '"api";r=12;t=55', "retry-after": "7"}, 7),
        ({"ratelimit": '"api";r=12;t=55'}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"ratelimit": "nonsense"}, None),
        ({"ratelimit": "a" * 200_000}, None),
        ({"ratelimit": '"api";r=0;t=' + "9" * 5000}, 1e9),
        ({}, None),
    ],
)
def test_the_wait_that_the_headers_ask_for(headers: dict[str, str], wait: float | None) -> None:
    assert asked_wait(headers) == wait


def test_a_date_is_a_wait_too() -> None:
    wait = asked_wait({"retry-after": formatdate(time() + 30, usegmt=True)})
    assert wait is not None
    assert 25 <= wait <= 31
    assert asked_wait({"retry-after": formatdate(time() - 30, usegmt=True)}) == 0


def test_the_policy_says_how_many_requests_a_window_has() -> None:
    info = parse_ratelimit_headers(
        {"RateLimit": '"api";r=3;t=9', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
    )
    assert info == ("api", 3, 9, 500, 300)


@given(failures=st.integers(1, 12), attempts=st.integers(1, 8))
def test_failures_use_up_attempts_with_growing_bounded_waits(failures: int, attempts: int) -> None:
    retry = Retry(attempts=attempts, deadline=1e6, twice=True)
    waits = [retry.after_failure() for _ in range(failures)]
    assert sum(wait is not None for wait in waits) == min(failures, attempts - 1)
    assert all(0 < wait <= 8 for wait in waits if wait is not None)


def test_no_wait_goes_beyond_the_deadline() -> None:
    retry = Retry(attempts=9, deadline=0.01, twice=True)
    assert retry.after_failure() is None
    assert retry.after_status(429, {"retry-after": "5"}) is None


def test_a_rate_limit_uses_no_attempt() -> None:
    retry = Retry(attempts=2, deadline=1e6, twice=False)
    waits = [retry.after_status(429, {"ratelimit": '"api";r=0;t=1'}) for _ in range(5)]
    assert all(wait is not None and 2 <= wait <= 2.25 for wait in waits)


def test_waits_leave_the_numbers_that_a_program_draws_alone() -> None:
    random.seed(7)
    before = random.getstate()
    Retry(attempts=3, deadline=60, twice=True).after_failure()
    assert random.getstate() == before

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hfhub.local_hub import Faults, LocalHub

if TYPE_CHECKING:
    from pathlib import Path

Ask = Any
DATA = bytes(range(256)) * 400
BIG = "/datasets/owner/name/resolve/main/b.parquet"


@pytest.fixture(params=["memory", "disk"], autouse=True)
def source(request: pytest.FixtureRequest, local_hub: LocalHub, tmp_path: Path) -> str:
    file = tmp_path / "b.parquet"
    file.write_bytes(DATA)
    content = DATA if request.param == "memory" else file
    local_hub.add("owner/name", {"a.txt": "text", "b.parquet": content})
    return str(request.param)


@pytest.fixture
def link(ask: Ask) -> str:
    return str(ask(BIG).location)


def partial(url: str) -> bytes:
    """What arrives before the connection ends."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    try:
        return answer.read()
    except http.client.IncompleteRead as error:
        return error.partial
    finally:
        connection.close()


def test_a_cut_sends_so_many_bytes_and_no_more(local_hub: LocalHub, link: str) -> None:
    local_hub.faults.cut(after=1234, path="b.parquet", times=1)
    assert partial(link) == DATA[:1234]
    assert partial(link) == DATA


def test_a_cut_before_the_first_byte(local_hub: LocalHub, link: str) -> None:
    local_hub.faults.cut(after=0)
    assert partial(link) == b""


def test_what_a_cut_sent_is_counted(local_hub: LocalHub, link: str) -> None:
    local_hub.faults.cut(after=1234)
    partial(link)
    assert local_hub.requests[-1].nbytes == 1234


def test_a_reset(local_hub: LocalHub, link: str) -> None:
    local_hub.faults.reset(after=60_000)
    with pytest.raises(ConnectionResetError):
        partial(link)


def test_a_truncated_body_claims_to_be_whole(local_hub: LocalHub, ask: Ask, link: str) -> None:
    local_hub.faults.truncate(after=100)
    got = ask(link)
    assert (got.body, got.headers["Content-Length"]) == (DATA[:100], "100")


def test_a_corrupt_byte(local_hub: LocalHub, ask: Ask, link: str) -> None:
    local_hub.faults.corrupt(at=70_000)
    body = ask(link).body
    wrong = [i for i in range(len(DATA)) if body[i] != DATA[i]]
    assert wrong == [70_000]


def test_random_places_are_the_same_for_the_same_seed() -> None:
    bodies = []
    for seed in (1, 1, 2):
        with LocalHub(seed=seed, redirect_regular=False) as hub:
            hub.add("owner/name", {"a.txt": DATA})
            hub.faults.corrupt()
            bodies.append(partial(f"{hub.endpoint}/datasets/owner/name/resolve/main/a.txt"))
    assert bodies[0] == bodies[1] != bodies[2]
    assert DATA not in bodies


def test_a_status_for_so_many_times(local_hub: LocalHub, ask: Ask) -> None:
    fault = local_hub.faults.status(503, times=2, headers={"Retry-After": "7"}, body=b"<html>")
    got = [ask(BIG) for _ in range(3)]
    assert [answer.status for answer in got] == [503, 503, 302]
    assert (got[0].headers["Retry-After"], got[0].body) == ("7", b"<html>")
    assert fault.hits == 2


@pytest.mark.parametrize(
    ("style", "header", "start"),
    [
        ("ratelimit", "RateLimit", '"resolvers";r=0;t=9'),
        ("retry-after", "Retry-After", "9"),
        ("date", "Retry-After", ""),
    ],
)
def test_rate_limits_say_when_to_come_again(
    style: Any, header: str, start: str, local_hub: LocalHub, ask: Ask
) -> None:
    local_hub.faults.rate_limit(9, style=style, times=1)
    got = ask(BIG)
    assert got.status == 429
    assert got.headers[header].startswith(start)
    assert (style == "date") == got.headers[header].endswith("GMT")
    assert ask(BIG).status == 302


def test_latency(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.faults.latency(0.2, path="b.parquet")
    start = time.monotonic()
    ask(BIG)
    assert time.monotonic() - start >= 0.2


def test_bandwidth(local_hub: LocalHub, ask: Ask, link: str) -> None:
    local_hub.faults.bandwidth(len(DATA) / 0.2, origin="cdn")
    start = time.monotonic()
    assert ask(link).body == DATA
    assert time.monotonic() - start >= 0.15


def test_a_stall_goes_on_when_its_time_is_up(local_hub: LocalHub, ask: Ask, link: str) -> None:
    local_hub.faults.stall(0.2, after=50, times=1)
    start = time.monotonic()
    assert ask(link).body == DATA
    assert time.monotonic() - start >= 0.2


def test_closing_the_hub_ends_a_stall() -> None:
    with LocalHub(redirect_regular=False) as hub:
        hub.add("owner/name", {"a.txt": DATA})
        hub.faults.stall(3600)
        connection = http.client.HTTPConnection(urlsplit(hub.endpoint).netloc, timeout=10)
        connection.request("GET", "/datasets/owner/name/resolve/main/a.txt")
        answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()


def test_an_ignored_range(local_hub: LocalHub, ask: Ask, link: str) -> None:
    local_hub.faults.ignore_range(origin="cdn", times=1)
    assert [ask(link, Range="bytes=5-9").status for _ in range(2)] == [200, 206]


def test_a_changed_etag_keeps_its_shape(local_hub: LocalHub, ask: Ask) -> None:
    true = ask(BIG).headers["X-Linked-Etag"]
    local_hub.faults.change_etag()
    changed = ask(BIG).headers["X-Linked-Etag"]
    assert changed != true
    assert len(changed) == len(true)


def test_an_etag_can_be_anything(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.faults.change_etag('"../../../../x"')
    assert ask(BIG).headers["X-Linked-Etag"] == '"../../../../x"'


def test_an_expired_link_at_the_second_origin(local_hub: LocalHub, ask: Ask, link: str) -> None:
    local_hub.faults.expired_link(origin="cdn", times=1)
    assert [ask(link).status for _ in range(2)] == [403, 200]


def test_a_foreign_redirect(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.faults.foreign_redirect("http://elsewhere.test{path}", code=301)
    got = ask(BIG)
    assert (got.status, got.location) == (301, f"http://elsewhere.test{BIG}")


def test_faults_meet_what_they_are_for(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.faults.status(500, path="*.parquet", method="HEAD")
    assert ask(BIG, "HEAD").status == 500
    assert ask(BIG).status == 302
    assert ask(BIG.replace("b.parquet", "a.txt"), "HEAD").status == 307


def test_calls_can_be_let_through_first(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.faults.status(500, skip=2, times=1)
    assert [ask(BIG).status for _ in range(4)] == [302, 302, 500, 302]


def test_a_chance_is_about_as_likely_as_it_says(local_hub: LocalHub, ask: Ask) -> None:
    fault = local_hub.faults.status(500, chance=0.5)
    for _ in range(60):
        ask(BIG)
    assert 15 < fault.hits < 45


def test_leaving_the_block_switches_a_fault_off(local_hub: LocalHub, ask: Ask) -> None:
    with local_hub.faults.status(500):
        assert ask(BIG).status == 500
    assert ask(BIG).status == 302


def test_clear_switches_all_off(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.faults.status(500)
    local_hub.faults.status(501)
    local_hub.faults.clear()
    assert ask(BIG).status == 302


def test_faults_add_up(local_hub: LocalHub, link: str) -> None:
    local_hub.faults.corrupt(at=3, origin="cdn")
    local_hub.faults.cut(after=10, origin="cdn")
    assert partial(link) == DATA[:3] + bytes([DATA[3] ^ 0xFF]) + DATA[4:10]


def test_faults_alone_do_nothing() -> None:
    assert Faults().cut().hits == 0


def test_headers_can_be_put_in_place_of_the_true_ones(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.faults.headers({"X-Linked-Size": "7", "Link": '<http://elsewhere>; rel="next"'})
    got = ask(BIG)
    assert (got.headers["X-Linked-Size"], got.next) == ("7", "http://elsewhere")

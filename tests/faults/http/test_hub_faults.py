"""A Hub that misbehaves: every call ends with the right answer or one typed error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfhub import errors, settings
from hfhub.api import HfApi
from hfhub.http import Client

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

NAMES = {f"f/{number:04}.txt": b"x" for number in range(1200)}


@pytest.fixture
def hub(local_hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> LocalHub:
    local_hub.add("o/n", NAMES)
    monkeypatch.setenv("HFHUB_ATTEMPTS", "4")
    monkeypatch.setenv("HFHUB_DEADLINE", "30")
    settings.reload()
    return local_hub


@pytest.fixture
def impatient(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stall be noticed soon; only where one is made, since a busy machine stalls too."""
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    monkeypatch.setenv("HFHUB_DEADLINE", "1.5")
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "1")
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1")
    settings.reload()


FAULTS = {
    "500": lambda faults, **where: faults.status(500, **where),
    "502": lambda faults, **where: faults.status(502, **where),
    "503 that says when": lambda faults, **where: faults.status(
        503, headers={"Retry-After": "1"}, **where
    ),
    "504": lambda faults, **where: faults.status(504, **where),
    "408": lambda faults, **where: faults.status(408, **where),
    "429": lambda faults, **where: faults.rate_limit(1, **where),
    "a cut in the middle of a listing": lambda faults, **where: faults.cut(after=1000, **where),
    "a reset in the middle of a listing": lambda faults, **where: faults.reset(after=1000, **where),
    "a listing that ends early": lambda faults, **where: faults.truncate(after=1000, **where),
    "a reset before the first byte": lambda faults, **where: faults.reset(after=0, **where),
    "a stall before the first byte": lambda faults, **where: faults.stall(30, **where),
    "a stall in the middle": lambda faults, **where: faults.stall(30, after=1000, **where),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_listing_is_whole_in_spite_of(hub: LocalHub, monkeypatch, name: str) -> None:
    if "stall" in name:
        monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "1")
        monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1")
        settings.reload()
    fault = FAULTS[name](hub.faults, times=1)
    assert sorted(HfApi().list_repo_files("o/n", repo_type="dataset")) == sorted(NAMES)
    assert fault.hits >= 1


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_stays_is_one_typed_error(hub: LocalHub, impatient, name: str) -> None:
    FAULTS[name](hub.faults)
    with pytest.raises((errors.HfHubHTTPError, errors.HubConnectionError)):
        HfApi().list_repo_files("o/n", repo_type="dataset")


@pytest.mark.parametrize("code", [500, 503])
def test_a_stream_that_begins_with_an_error_is_begun_again(hub: LocalHub, code: int) -> None:
    hub.faults.status(code, times=1)
    client = Client(settings.current())
    with client.stream("GET", "datasets/o/n/resolve/main/f/0001.txt") as response:
        assert response.read() == b"x"


def test_a_body_that_stalls_is_a_timeout_that_names_the_file(hub, impatient) -> None:
    hub.add("o/big", {"a.bin": b"x" * 100_000}, lfs=[])
    hub.faults.stall(30, after=5000, path="*a.bin")
    client = Client(settings.current())
    with (
        client.stream("GET", "datasets/o/big/resolve/main/a.bin") as response,
        pytest.raises(errors.HubTimeoutError, match="o/big"),
    ):
        response.read()


def test_a_folder_is_never_counted_as_a_file(hub: LocalHub) -> None:
    assert "f" not in HfApi().list_repo_files("o/n", repo_type="dataset")


def test_an_etag_that_is_a_path_is_no_digest(hub: LocalHub) -> None:
    from hfhub.digest import Digest

    for etag in ("../../../../x", '"../../x"', 'W/".."', "a" * 63, "A" * 64, "a" * 40 + "/x"):
        assert Digest.from_etag(etag) is None

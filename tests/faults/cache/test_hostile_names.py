"""Names of a hostile Hub, wherever it may send one: nothing is written outside the cache."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from hostile import NAMES
from rawserver import Asked, RawServer, answer

from hfhub import hf_hub_download, settings, snapshot_download
from hfhub.errors import HubError
from hfhub.http.pool import POOL

COMMIT = "a" * 40
BODY = b"hello"
OID = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"


class Hub:
    """Says what a hostile Hub might, with one ``name`` in one place; else what a good one says."""

    def __init__(self) -> None:
        self.place = ""
        self.name = ""

    def at(self, place: str, good: str) -> str:
        return self.name if place == self.place else good

    def respond(self, asked: Asked) -> bytes:
        path = unquote(asked.target)
        if "/revision/" in path:
            return self._json({"id": "o/a", "sha": self.at("sha", COMMIT), "siblings": []})
        if "/tree/" in path:
            good = {"type": "file", "path": "good.txt", "size": 5, "oid": OID}
            bad = {
                "type": "file",
                "path": self.at("path", "other.txt"),
                "size": 5,
                "oid": self.at("oid", OID),
            }
            if self.place in ("lfs oid", "xet"):
                bad["lfs"] = {"oid": self.at("lfs oid", "0" * 64), "size": 5, "pointerSize": 130}
                bad["xetHash"] = self.at("xet", "0" * 64)
            folder = {"type": "directory", "path": self.at("folder", "d"), "oid": OID, "size": 0}
            return self._json([good, bad, folder])
        headers = [
            f"ETag: {self._header('etag', f'{chr(34)}{OID}{chr(34)}')}",
            f"X-Linked-Etag: {self._header('linked etag', OID)}",
            f"X-Repo-Commit: {self._header('commit', COMMIT)}",
            f"Content-Disposition: attachment; filename={self._header('disposition', 'x')}",
        ]
        if self.place == "location" and "moved" not in path:
            return answer(302, b"", *headers, f"Location: {self._header('location', '/moved')}")
        return answer(200, b"" if asked.method == "HEAD" else BODY, *headers)

    def _header(self, place: str, good: str) -> str:
        # Bytes that no header may hold come as a proxy would send them.
        text = self.at(place, good).encode("utf-8", "replace").decode("latin-1")
        return text.replace("\r", " ").replace("\n", " ").replace("\0", " ")

    def _json(self, data: object) -> bytes:
        return answer(200, json.dumps(data), "Content-Type: application/json")


@pytest.fixture(scope="module")
def hub() -> Iterator[tuple[Hub, RawServer]]:
    script = Hub()
    with RawServer(script.respond) as server:
        yield script, server
        POOL.clear()


@pytest.fixture
def outside(
    tmp_path: Path, hub: tuple[Hub, RawServer], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], set[Path]]:
    """What lies outside of the cache of this test, and inside where no file of the Hub belongs."""
    monkeypatch.setenv("HF_ENDPOINT", hub[1].url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "1" / "2" / "cache"))
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    monkeypatch.setenv("HFHUB_DEADLINE", "10")
    settings.reload()
    (tmp_path / "out").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    cache = tmp_path / "1" / "2" / "cache"
    home = Path.home()
    before = set(home.iterdir())

    def look() -> set[Path]:
        found = {path for path in tmp_path.rglob("*") if not path.is_dir() or path.is_symlink()}
        allowed = [cache / ".hfhub", cache / ".locks"]
        for repo in cache.glob("datasets--*"):
            allowed += [repo / "blobs", repo / "snapshots" / COMMIT]
            allowed += [repo / ".no_exist" / COMMIT, repo / "refs" / "main"]
            allowed += [repo / "trees" / f"{COMMIT}.json"]
        strays = {
            path
            for path in found
            if not any(path == place or place in path.parents for place in allowed)
        }
        links = {path for path in found if path.is_symlink()}
        escaping = {path for path in links if cache not in path.resolve().parents}
        return strays | escaping | (set(home.iterdir()) - before)

    return look


PLACES = (
    "path",
    "oid",
    "lfs oid",
    "sha",
    "etag",
    "commit",
    *(
        pytest.param(place, marks=pytest.mark.slow)
        for place in ("folder", "xet", "linked etag", "disposition", "location")
    ),
)


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_written_outside(
    place: str, tmp_path: Path, hub: tuple[Hub, RawServer], outside: Callable[[], set[Path]]
) -> None:
    script, _ = hub
    for title, template in NAMES.items():
        script.place, script.name = place, template.replace("{out}", str(tmp_path / "out"))
        for act in (
            lambda: hf_hub_download("o/a", "good.txt", repo_type="dataset", force_download=True),
            lambda: snapshot_download("o/a", repo_type="dataset"),
        ):
            try:
                act()
            except HubError:
                pass  # a typed error; the rest of the cache is as it was
            except Exception as error:
                raise AssertionError(f"{title}: {error!r}") from error
        assert outside() == set(), title


def test_nothing_is_written_outside_for_what_the_user_asks(
    tmp_path: Path, hub: tuple[Hub, RawServer], outside: Callable[[], set[Path]]
) -> None:
    hub[0].place = ""
    for title, template in NAMES.items():
        name = template.replace("{out}", str(tmp_path / "out"))
        for act in (
            lambda name=name: hf_hub_download("o/a", name, repo_type="dataset"),
            lambda name=name: hf_hub_download("o/a", "x", subfolder=name, repo_type="dataset"),
            lambda name=name: hf_hub_download(name, "x", repo_type="dataset"),
        ):
            try:
                act()
            except HubError:
                pass
            except Exception as error:
                raise AssertionError(f"{title}: {error!r}") from error
        assert outside() == set(), title


@pytest.mark.slow
def test_a_local_folder_keeps_them_in_too(
    tmp_path: Path, hub: tuple[Hub, RawServer], outside: Callable[[], set[Path]]
) -> None:
    script, _ = hub
    local = tmp_path / "1" / "2" / "cache" / ".hfhub" / "local"
    for place in ("path", "etag", "oid", "commit"):
        for title, template in NAMES.items():
            script.place, script.name = place, template.replace("{out}", str(tmp_path / "out"))
            try:
                snapshot_download("o/a", repo_type="dataset", local_dir=local)
            except HubError:
                pass
            except Exception as error:
                raise AssertionError(f"{place}, {title}: {error!r}") from error
            assert outside() == set(), (place, title)


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 60

"""``hf://`` beside the official client's filesystem."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import huggingface_hub as peer
import pytest

from hfhub.filesystem import HfFileSystem
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = "datasets/ann/data"


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    with LocalHub() as hub:
        files = {"README.md": b"hello", "data/a.txt": b"aaaa", "data/deep/b.bin": bytes(5000)}
        hub.add("ann/data", files)
        hub.add("ann/data", {"m/train/0.parquet": b"PAR1"}, branch="refs/convert/parquet")
        hub.add("ann/model", {"config.json": b"{}"}, repo_type="model")
        yield hub


CALLS: dict[str, Callable[[Any], Any]] = {
    "ls": lambda fs: fs.ls(ROOT),
    "ls of names": lambda fs: fs.ls(f"hf://{ROOT}/data", detail=False),
    "ls of a file": lambda fs: fs.ls(f"{ROOT}/README.md"),
    "ls of a model": lambda fs: fs.ls("ann/model"),
    "find": lambda fs: fs.find(ROOT),
    "find with folders": lambda fs: fs.find(ROOT, withdirs=True, detail=True),
    "find of one level": lambda fs: fs.find(f"{ROOT}/data", maxdepth=1),
    "find of a file": lambda fs: fs.find(f"{ROOT}/README.md"),
    "find of nothing": lambda fs: fs.find(f"{ROOT}/none"),
    "glob": lambda fs: fs.glob(f"hf://{ROOT}/**/*.bin"),
    "glob with detail": lambda fs: fs.glob(f"{ROOT}/data/*", detail=True),
    "glob of a special revision": lambda fs: fs.glob(f"{ROOT}@refs/convert/parquet/*/*/*"),
    "info": lambda fs: fs.info(f"{ROOT}/data/deep/b.bin"),
    "info of a folder": lambda fs: fs.info(f"{ROOT}/data"),
    "info of the root": lambda fs: fs.info(ROOT),
    "walk": lambda fs: list(fs.walk(ROOT)),
    "du": lambda fs: fs.du(ROOT),
    "exists": lambda fs: [fs.exists(f"{ROOT}/{name}") for name in ("README.md", "data", "none")],
    "isdir": lambda fs: [fs.isdir(f"{ROOT}/{name}") for name in ("README.md", "data", "none")],
    "isfile": lambda fs: [fs.isfile(f"{ROOT}/{name}") for name in ("README.md", "data", "none")],
    "cat": lambda fs: fs.cat(f"{ROOT}/README.md"),
    "cat of a range": lambda fs: fs.cat_file(f"{ROOT}/README.md", 1, -1),
    "head and tail": lambda fs: (fs.head(f"{ROOT}/README.md", 2), fs.tail(f"{ROOT}/README.md", 2)),
    "url": lambda fs: [fs.url(f"{ROOT}/README.md"), fs.url(f"{ROOT}/data")],
    "read": lambda fs: fs.open(f"{ROOT}/data/a.txt", "rt").read(),
}


def plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        fields = {field.name for field in dataclasses.fields(value)} - {"extra"}
        return {name: plain(getattr(value, name)) for name in fields}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        rows = [plain(part) for part in value]
        return sorted(rows, key=repr) if all(isinstance(row, dict) for row in rows) else rows
    return value


@pytest.mark.parametrize("name", CALLS)
def test_both_see_the_same(hub: LocalHub, name: str) -> None:
    theirs = plain(CALLS[name](peer.HfFileSystem(endpoint=hub.endpoint, token=False)))
    assert plain(CALLS[name](HfFileSystem(endpoint=hub.endpoint, token=False))) == theirs


@pytest.mark.parametrize("path", [f"{ROOT}/none", "datasets/ann/none/x", f"{ROOT}@none/x"])
def test_both_miss_the_same(hub: LocalHub, path: str) -> None:
    for kind in (peer.HfFileSystem, HfFileSystem):
        with pytest.raises(FileNotFoundError):
            kind(endpoint=hub.endpoint, token=False).info(path)

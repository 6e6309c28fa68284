"""Does with ``huggingface_hub`` all that the tests look at, and prints what came of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingface_hub import (
    HfApi,
    HfFileSystem,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    snapshot_download,
)

if TYPE_CHECKING:
    from collections.abc import Callable

api = HfApi()
fs = HfFileSystem()
result: dict[str, Any] = {}


def note(name: str, call: Callable[[], Any]) -> None:
    try:
        result[name] = call()
    except Exception as error:
        result[name] = type(error).__name__


def read(repo_id: str, path: str, **arguments: Any) -> str:
    """The sha256 of what was downloaded."""
    return hashlib.sha256(
        Path(hf_hub_download(repo_id, path, **arguments)).read_bytes()
    ).hexdigest()


def data(path: str, **arguments: Any) -> str:
    return read("ann/data", path, repo_type="dataset", **arguments)


def gated(**arguments: Any) -> str:
    return read("ann/gated", "g.txt", repo_type="dataset", **arguments)


def secret(**arguments: Any) -> str:
    return api.dataset_info("ann/secret", **arguments).id


def tree(repo_id: str, path: str | None = None, **arguments: Any) -> list[Any]:
    return list(api.list_repo_tree(repo_id, path, repo_type="dataset", **arguments))


def commits() -> list[Any]:
    return api.list_repo_commits("ann/data", repo_type="dataset")


def snapshot() -> list[str]:
    folder = Path(snapshot_download("ann/data", repo_type="dataset"))
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def siblings() -> list[Any]:
    found = api.model_info("ann/net", files_metadata=True).siblings or []
    return [(s.rfilename, s.size, s.blob_id, s.lfs and s.lfs.sha256) for s in found]


def paths() -> list[Any]:
    found = api.get_paths_info("ann/data", ["a.txt", "deep", "nope"], repo_type="dataset")
    return [(type(entry).__name__, entry.path) for entry in found]


def refs() -> list[list[str]]:
    found = api.list_repo_refs("ann/data", repo_type="dataset")
    return [[r.ref for r in group] for group in (found.branches, found.tags, found.converts)]


def exists() -> list[bool]:
    return [
        api.repo_exists("ann/net"),
        api.repo_exists("ann/nope"),
        api.file_exists("ann/net", "x"),
        api.revision_exists("ann/net", "main"),
        api.revision_exists("ann/net", "x"),
    ]


def metadata() -> list[Any]:
    found = get_hf_file_metadata(hf_hub_url("ann/net", "model.safetensors"))
    return [found.etag, found.size, found.commit_hash, found.location.split("/")[2]]


def part() -> str:
    with fs.open("ann/net/model.safetensors", "rb", block_size=1000) as file:
        file.seek(123_456)
        return file.read(10).hex()


note("regular", lambda: data("README.md"))
note("lfs", lambda: read("ann/net", "model.safetensors"))
note("space", lambda: read("ann/app", "app.py", repo_type="space"))
note("old commit", lambda: data("a.txt", revision=commits()[-1].commit_id))
note("tag", lambda: data("a.txt", revision="v1"))
note("convert", lambda: data("default/train/0000.parquet", revision="refs/convert/parquet"))
note("snapshot", snapshot)
note("sha", lambda: api.dataset_info("ann/data").sha)
note("siblings", siblings)
note("license", lambda: api.dataset_info("ann/data").card_data.license)
note("expand", lambda: api.dataset_info("ann/data", expand=["tags", "gated"]).tags)
note("tree", lambda: [(type(e).__name__, e.path) for e in tree("ann/data", recursive=True)])
note("folder", lambda: [e.path for e in tree("ann/data", "deep/er")])
note("expanded", lambda: [(e.path, e.last_commit.title) for e in tree("ann/data", expand=True)])
note("many", lambda: len(tree("ann/many", recursive=True)))
note("many expanded", lambda: len(tree("ann/many", "f", expand=True)))
note("paths", paths)
note("refs", refs)
note("commits", lambda: [c.title for c in commits()])
note("whoami", lambda: api.whoami(token="hf_ann")["name"])
note("list", lambda: sorted(d.id for d in api.list_datasets(author="ann")))
note("search", lambda: [d.id for d in api.list_datasets(search="man")])
note("limit", lambda: len(list(api.list_datasets(limit=2))))
note("filter", lambda: [d.id for d in api.list_datasets(filter="language:en")])
note("models", lambda: [d.id for d in api.list_models()])
note("spaces", lambda: [d.id for d in api.list_spaces()])
note("exists", exists)
note("metadata", metadata)
note("no file", lambda: data("nope"))
note("no revision", lambda: data("a.txt", revision="nope"))
note("no repository", lambda: read("ann/nope", "a.txt"))
note("no repository, signed in", lambda: read("ann/nope", "a.txt", token="hf_bob"))
note("bad token", lambda: api.dataset_info("ann/data", token="hf_wrong"))
note("private, stranger", secret)
note("private, other", lambda: secret(token="hf_bob"))
note("private, owner", lambda: secret(token="hf_ann"))
note(
    "private file, owner",
    lambda: read("ann/secret", "s.parquet", repo_type="dataset", token="hf_ann"),
)
note("gated listing", lambda: api.list_repo_files("ann/gated", repo_type="dataset"))
note("gated, stranger", gated)
note("gated, other", lambda: gated(token="hf_bob"))
note("gated, owner", lambda: gated(token="hf_ann"))
note("gated check", lambda: api.auth_check("ann/gated", repo_type="dataset", token="hf_bob"))
note("disabled", lambda: api.dataset_info("ann/closed"))
note("renamed", lambda: read("ann/old", "a.txt", repo_type="dataset"))
note("letter case", lambda: api.model_info("Ann/NET").id)
note("fs ls", lambda: sorted(p.split("/", 3)[3] for p in fs.ls("datasets/ann/data", detail=False)))
note("fs glob", lambda: fs.glob("datasets/ann/data/**/*.txt"))
note("fs part", part)
print("\n" + json.dumps(result))

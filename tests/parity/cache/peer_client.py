"""What the official client does, for tests to compare with; run by a Python that has it installed.

Reads one JSON object from stdin, ``{"do": name, ...arguments}``, and prints the result as JSON.
Knows nothing of hfhub, so that it also runs in the environments of older releases.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def view(info: Any) -> dict[str, Any]:
    """A scan of the cache as plain data, whichever client made it."""
    return {
        "size_on_disk": info.size_on_disk,
        "repos": sorted((_repo(repo) for repo in info.repos), key=lambda repo: repo["path"]),
        # hfhub's own folder lies beside the repositories.
        "warnings": sorted(str(w) for w in info.warnings if ".hfhub" not in str(w)),
    }


def _repo(repo: Any) -> dict[str, Any]:
    return {
        "id": repo.repo_id,
        "type": repo.repo_type,
        "path": str(repo.repo_path),
        "size": repo.size_on_disk,
        "size_str": repo.size_on_disk_str,
        "nb_files": repo.nb_files,
        "last_modified": repo.last_modified,
        "refs": {ref: revision.commit_hash for ref, revision in sorted(repo.refs.items())},
        "revisions": sorted(
            (_revision(revision) for revision in repo.revisions), key=lambda rev: rev["hash"]
        ),
    }


def _revision(revision: Any) -> dict[str, Any]:
    return {
        "hash": revision.commit_hash,
        "path": str(revision.snapshot_path),
        "size": revision.size_on_disk,
        "refs": sorted(revision.refs),
        "nb_files": revision.nb_files,
        "last_modified": revision.last_modified,
        "files": sorted(
            [
                file.file_name,
                str(file.file_path),
                str(file.blob_path),
                file.size_on_disk,
                file.blob_last_modified,
            ]
            for file in revision.files
        ),
    }


def strategy(plan: Any) -> dict[str, Any]:
    """A plan to delete, as plain data."""
    names = ("blobs", "refs", "repos", "snapshots")
    return {
        "freed": plan.expected_freed_size,
        **{name: sorted(map(str, getattr(plan, name))) for name in names},
    }


def download(cache: str, repo: str, files: list[str], **options: Any) -> list[str]:
    from huggingface_hub import hf_hub_download

    return [
        hf_hub_download(repo, name, repo_type="dataset", cache_dir=cache, **options)
        for name in files
    ]


def snapshot(cache: str, repo: str, **options: Any) -> str:
    from huggingface_hub import snapshot_download

    return snapshot_download(repo, repo_type="dataset", cache_dir=cache, **options)


def find(cache: str, repo: str, files: list[str], revision: str | None) -> list[str | None]:
    from huggingface_hub import try_to_load_from_cache

    found = [
        try_to_load_from_cache(repo, name, cache, revision, repo_type="dataset") for name in files
    ]
    return [path if path is None or isinstance(path, str) else "no_exist" for path in found]


def scan(cache: str) -> dict[str, Any]:
    from huggingface_hub import scan_cache_dir

    return view(scan_cache_dir(cache))


def delete(cache: str, revisions: list[str], *, execute: bool) -> dict[str, Any]:
    from huggingface_hub import scan_cache_dir

    plan = scan_cache_dir(cache).delete_revisions(*revisions)
    if execute:
        plan.execute()
    return strategy(plan)


def publish(cache: str, blob: str, name: str) -> bool:
    """Move a blob into the store for all repositories, as a download over Xet does."""
    from huggingface_hub.utils import _shared_blobs

    return _shared_blobs.publish_blob_to_shared_store(
        blob_path=blob, xet_hash=name, cache_dir=cache, expected_size=os.path.getsize(blob)
    )


def verify(cache: str, repo: str, revision: str) -> dict[str, Any]:
    from huggingface_hub import HfApi

    result = HfApi().verify_repo_checksums(
        repo, repo_type="dataset", revision=revision, cache_dir=cache
    )
    return {"checked": result.checked_count, "mismatches": [m["path"] for m in result.mismatches]}


def main() -> None:
    request = json.load(sys.stdin)
    todo = {
        function.__name__: function
        for function in (download, snapshot, find, scan, delete, publish, verify)
    }
    json.dump(todo[request.pop("do")](**request), sys.stdout)


if __name__ == "__main__":
    main()

"""Many processes download the same files into one cache at once.

Usage: herd.py FOLDER PROCESSES FILES LOCKS

With LOCKS "none", ``flock`` succeeds for everybody, as on Lustre and some NFS mounts.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from shelf import Shelf

from hfhub import hf_hub_download, settings, snapshot_download
from hfhub.cache.verify import verify_cache
from hfhub.local_hub import LocalHub


def content(number: int) -> bytes:
    return b"%d\n" % number * (1 + number * 53)


def work(number: int, endpoint: str, files: int, locks: str) -> None:
    os.environ["HF_ENDPOINT"] = endpoint
    settings.reload()
    if locks == "none":
        import fcntl

        fcntl.flock = lambda *_: None  # type: ignore[assignment]
    if number % 2:
        folder = snapshot_download("o/a", repo_type="dataset", max_workers=2)
        paths = [f"{folder}/f{i}.bin" for i in range(files)]
    else:
        order = [(i + 7 * number) % files for i in range(files)]
        got = {i: hf_hub_download("o/a", f"f{i}.bin", repo_type="dataset") for i in order}
        paths = [got[i] for i in range(files)]
    for i, path in enumerate(paths):
        if Path(path).read_bytes() != content(i):
            raise SystemExit(f"wrong bytes: {path}")


def main() -> None:
    folder, processes, files, locks = Path(sys.argv[1]), *map(int, sys.argv[2:4]), sys.argv[4]
    os.environ["HF_HUB_CACHE"] = str(folder)
    # Forked before the server has threads.
    pipes, children = [], []
    for number in range(processes):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(writing)
                work(number, os.read(reading, 100).decode(), files, locks)
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        os.close(reading)
        pipes.append(writing)
        children.append(child)
    with LocalHub() as hub:
        commit = hub.add("o/a", {f"f{i}.bin": content(i) for i in range(files)})
        for pipe in pipes:
            os.write(pipe, hub.endpoint.encode())
            os.close(pipe)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sent = sum(seen.nbytes for seen in hub.requests if seen.origin == "cdn")
    shelf = Shelf(folder)
    (ref,) = folder.glob("datasets--o--a/refs/main")
    print(
        json.dumps(
            {
                "codes": codes,
                "clean": verify_cache(cache_dir=folder).is_clean,
                "ref": ref.read_text() == commit,
                "dangling": len(shelf.dangling()),
                "blobs": len(list(folder.glob("*/blobs/*"))),
                "locks": len([p for p in folder.glob(".locks/**/*") if p.is_file()]),
                "ratio": sent / sum(len(content(i)) for i in range(files)),
                "strays": [str(p) for p in folder.glob(".hfhub/*/*/*") if "partial" in str(p)],
            }
        )
    )


if __name__ == "__main__":
    main()

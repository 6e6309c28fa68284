"""Listing a large repository, and single small requests: ours and huggingface_hub, one local Hub.

    python -m benchmarks hub_listing [--files 50000] [--requests 300] [--write]

The server lists at its own pace, so the processor time of the client is given beside the clock.
"""

from __future__ import annotations

import argparse

from benchmarks.hub_process import OURS, PEER, REPO, Hub, Measured, call, folder, serve
from benchmarks.page import Page

SETUP = {
    OURS: "from hfhub import HfApi; api = HfApi()",
    PEER: "from huggingface_hub import HfApi; api = HfApi()",
}
WORKS = {
    "list {files} files": f"len(api.list_repo_files({REPO!r}, repo_type='dataset'))",
    "tree of {files} files": (
        f"len(list(api.list_repo_tree({REPO!r}, recursive=True, repo_type='dataset')))"
    ),
    "{requests} x list_repo_refs": (
        f"len([api.list_repo_refs({REPO!r}, repo_type='dataset') for _ in range(REQUESTS)])"
    ),
    "{requests} x file_exists": (
        f"len([api.file_exists({REPO!r}, 'data/00001.json', repo_type='dataset') "
        "for _ in range(REQUESTS)])"
    ),
}


def measure(hub: Hub, place: str, work: str, requests: int) -> dict[str, Measured]:
    """Both libraries, each in a process of its own, the best of three rounds."""
    expression = work.replace("REQUESTS", str(requests))
    return {
        library: call(hub, f"{place}/{library}", SETUP[library], expression, rounds=3)
        for library in (OURS, PEER)
    }


def main(argv: list[str]) -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(prog="hub_listing", description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    page = Page("hub_listing", "Questions to the Hub", OURS, PEER)
    page.line(
        f"{'':<26} {'clock: ours':>12} {'peer':>9} {'ratio':>6} {'CPU: ours':>10} {'peer':>9}"
    )
    with folder() as place, serve(kind="many", count=options.files) as hub:
        for name, work in WORKS.items():
            got = measure(hub, str(place), work, options.requests)
            ours, peer = got[OURS], got[PEER]
            assert ours.result == peer.result
            what = name.format(files=options.files, requests=options.requests)
            page.line(
                f"{what:<26} {ours.seconds:>10.3f} s {peer.seconds:>7.3f} s "
                f"{peer.seconds / ours.seconds:>5.1f}x {ours.cpu:>8.3f} s {peer.cpu:>7.3f} s"
            )
    if options.write:
        page.write()

"""Calls that find their file in the cache, and what it takes to be ready for the first one.

python -m benchmarks hub_calls [--calls 2000] [--rounds 5] [--write]
"""

from __future__ import annotations

import argparse

from benchmarks.hub_process import OURS, PEER, REPO, call, folder, row, serve
from benchmarks.page import Page

NAME = "data/00001.json"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="hub_calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    page = Page("hub_calls", "Cached files and the first call", "hfhub", "huggingface_hub")
    with folder() as place, serve(kind="many", count=10) as hub:
        setup = "from {} import hf_hub_download as get"
        ready, imported = {}, {}
        for library in (OURS, PEER):
            cache = place / library
            call(hub, cache, setup.format(library), f"get({REPO!r}, {NAME!r}, repo_type='dataset')")
            ready[library] = min(
                call(hub, cache, setup.format(library), "0").ready for _ in range(options.rounds)
            )
            imported[library] = min(
                call(hub, cache, f"import {library}", "0").ready for _ in range(options.rounds)
            )
        page.line(row("import", imported[OURS], imported[PEER], "ms"))
        page.line(row("first download call ready", ready[OURS], ready[PEER], "ms"))
        for what, revision, count in (
            ("cached, by commit", hub.sha, options.calls),
            ("cached, by branch", "main", options.calls // 10),
        ):
            seconds = {}
            for library in (OURS, PEER):
                loop = (
                    f"[get({REPO!r}, {NAME!r}, repo_type='dataset', revision={revision!r})"
                    f" for _ in range({count})][0]"
                )
                got = call(hub, place / library, setup.format(library), loop, options.rounds)
                seconds[library] = got.seconds / count
            page.line(row(what, seconds[OURS], seconds[PEER], "us"))
    if options.write:
        page.write()

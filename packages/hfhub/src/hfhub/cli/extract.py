"""``hfhub extract``: an archive unpacked inside its limits and its folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hfhub.cli import show

if TYPE_CHECKING:
    import argparse

    from hfhub.extract import Limits


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "extract",
        help="unpack an archive safely",
        description="Unpack zip, tar, 7z, rar or one compressed file, told by content. Members "
        "that would leave the folder are refused, and so is more than the limits allow; then "
        "nothing is left behind.",
    )
    parser.add_argument("archive", metavar="ARCHIVE", help="the file")
    parser.add_argument(
        "--to", metavar="PATH", help="the folder (or file) to make; must not exist (default: cache)"
    )
    parser.add_argument("--max-bytes", metavar="SIZE", help="such as 50GB")
    parser.add_argument("--max-entries", type=int, metavar="N", help="files, folders and links")
    parser.add_argument("--max-ratio", type=float, metavar="X", help="bytes out for a byte in")
    parser.add_argument("--list", action="store_true", help="only list the members")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Unpack, or list."""
    return _list(options) if options.list else _extract(options)


def _list(options: argparse.Namespace) -> int:
    from hfhub.extract import iter_archive

    names = [name for name, _ in iter_archive(options.archive)]
    if options.json:
        show.as_json(names)
    else:
        print("\n".join(names))
    return 0


def _extract(options: argparse.Namespace) -> int:
    from hfhub import progress
    from hfhub.extract import extract

    if options.quiet:
        progress.disable_progress_bars()
    made = extract(options.archive, options.to, limits=_limits(options))
    if options.json:
        show.as_json({"archive": options.archive, "path": made})
    else:
        print(made)
    return 0


def _limits(options: argparse.Namespace) -> Limits:
    from hfhub.cache.size import parse_limit
    from hfhub.extract import Limits

    limits = Limits()
    if options.max_bytes is not None:
        limits = replace(limits, max_bytes=parse_limit(options.max_bytes, "."))
    if options.max_entries is not None:
        limits = replace(limits, max_entries=options.max_entries)
    if options.max_ratio is not None:
        limits = replace(limits, max_ratio=options.max_ratio)
    return limits

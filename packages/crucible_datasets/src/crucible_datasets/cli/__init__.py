"""The command line: ``crucible head | load | schema | demo``.

Exit codes: 0 done, 1 an error that the message explains, 2 wrong arguments, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that ``argv`` names (by default the process's own arguments).

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    # Loaded here and not above, so that `crucible --help` is at once there.
    from crucible_datasets.cli import commands, show
    from crucible_datasets.errors import DatasetsError
    from hfhub.errors import HubError

    try:
        getattr(commands, arguments.command)(arguments)
    except (DatasetsError, HubError, ValueError, OSError, RuntimeError) as error:
        print(f"crucible: {show.printable(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _count(text: str) -> int:
    """The value of an option that counts."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crucible", description="Look into datasets of the Hugging Face Hub, or of a folder."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    dataset = argparse.ArgumentParser(add_help=False)
    dataset.add_argument("path", help="a repository as owner/name, or a local folder or file")
    dataset.add_argument("--config", help="the configuration; by default the default one")
    dataset.add_argument("--revision", help="a branch, tag or commit; by default main")
    dataset.add_argument("--json", action="store_true", help="print JSON for programs")

    head = commands.add_parser("head", parents=[dataset], help="print the first rows")
    head.add_argument("--split", help="the split; may be left out where there is only one")
    head.add_argument("-n", type=_count, default=5, metavar="ROWS", help="how many; by default 5")

    commands.add_parser(
        "load", parents=[dataset], help="load every split; show rows, schema, files, requests"
    )
    commands.add_parser("schema", parents=[dataset], help="print the schema of every split")

    demo = commands.add_parser("demo", help="load, stream and break a small dataset, offline")
    demo.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser

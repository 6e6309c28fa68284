"""Running one command: its arguments, its errors, its exit code."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from hfhub import __version__
from hfhub.cli import auth, cache, completion, download, env, extract, info, ls, serve
from hfhub.cli.codes import MEANINGS, ExitCode
from hfhub.cli.failure import Failure, is_expected

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = (download, ls, info, cache, auth, serve, extract, env, completion)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that ``argv`` (by default the process's) names.

    Returns:
        the exit code, see :class:`hfhub.cli.codes.ExitCode`.
    """
    try:
        options = make_parser().parse_args(argv)
    except SystemExit as end:  # argparse has said what is wrong, or printed the help
        return int(end.code or 0)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        print(
            "hfhub: interrupted; what was fetched is kept, run it again to go on", file=sys.stderr
        )
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has enough. Python would complain again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:
        if not is_expected(error):
            raise
        failure = Failure.of(error)
        wants_json = getattr(options, "json", False)
        print(failure.as_json() if wants_json else failure.as_text(), file=sys.stderr)
        return failure.code
    return code


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    codes = "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
    parser = argparse.ArgumentParser(
        prog="hfhub",
        description="Read the Hugging Face Hub: verified downloads, a bounded cache, a local Hub.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hfhub {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser

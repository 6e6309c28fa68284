"""What ``serve`` can be told on a command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the arguments that :func:`hfhub.local_hub.serve.run` reads."""
    parser.add_argument(
        "root", metavar="DIR", type=Path, help="holds {models,datasets,spaces}/OWNER/NAME/..."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=8000, help="0 picks a free one")
    parser.add_argument("--cdn-port", type=int, default=0, help="port of the second origin")
    parser.add_argument(
        "--token",
        action="append",
        default=[],
        metavar="USER=TOKEN",
        help="a user's token; once there is one, others are refused",
    )
    parser.add_argument(
        "--mirror",
        metavar="URL",
        help="fetch what DIR lacks from this Hub, verify it, keep it in DIR, serve it from there",
    )
    parser.add_argument(
        "--mirror-token",
        action="store_true",
        help="use this machine's token for that Hub; what it opens, every caller can read",
    )

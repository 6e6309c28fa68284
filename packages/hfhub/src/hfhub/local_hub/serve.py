"""Serving a folder from the command line, until the process is told to end."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING

from hfhub.local_hub.hub import LocalHub

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; the endpoint is the one line on standard output.

    Returns:
        the exit code: 0, or 2 if the arguments are wrong.
    """
    try:
        tokens = dict(_token(text) for text in options.token)
        hub = _open(options, tokens)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    stop = threading.Event()
    with hub:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        sys.stdout.write(f"{hub.endpoint}\n")
        sys.stdout.flush()
        sys.stderr.write(
            f"serving {options.root}{_of(options.mirror)}; clients find it by "
            f"HF_ENDPOINT={hub.endpoint}\nstop with Ctrl-C\n"
        )
        stop.wait()
    return 0


def _open(options: argparse.Namespace, tokens: dict[str, str]) -> LocalHub:
    if options.mirror is not None:
        from hfhub import progress  # of use only where something is fetched

        options.root.mkdir(parents=True, exist_ok=True)
        progress.disable_progress_bars()
    if not options.root.is_dir():
        raise ValueError(f"{options.root} is not a folder; make it first")
    return LocalHub(
        options.root,
        host=options.host,
        port=options.port,
        cdn_port=options.cdn_port,
        tokens=tokens,
        strict_tokens=bool(tokens),
        keep_log=False,
        mirror=options.mirror,
        mirror_token=options.mirror_token,
    )


def _of(mirror: str | None) -> str:
    return "" if mirror is None else f" as a mirror of {mirror}"


def _token(text: str) -> tuple[str, str]:
    user, _, token = text.partition("=")
    if not user or not token:
        raise ValueError(f"--token {text!r}: write USER=TOKEN")
    return token, user

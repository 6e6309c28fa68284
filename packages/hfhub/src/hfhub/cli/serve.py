"""``hfhub serve``: a folder of repositories as a Hub, or a mirror of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    from hfhub.local_hub import arguments

    parser = commands.add_parser(
        "serve",
        help="serve a folder as a Hub, or mirror another Hub",
        description="Serve DIR as a Hugging Face Hub on this machine; clients find it by "
        "HF_ENDPOINT. With --mirror, what DIR lacks is fetched from another Hub once.",
    )
    arguments.add(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from hfhub.local_hub import serve

    return serve.run(options)

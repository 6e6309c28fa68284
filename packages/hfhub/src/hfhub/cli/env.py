"""``hfhub env`` and ``hfhub version``: what is set, for oneself and for bug reports."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from typing import TYPE_CHECKING, Any

from hfhub import __version__
from hfhub.cli import show

if TYPE_CHECKING:
    import argparse

_EXTRAS = {"fsspec": "fsspec", "7z": "py7zr", "rar": "rarfile", "xet": "hf_xet"}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    parser = commands.add_parser(
        "env",
        help="what is set; paste it into bug reports",
        description="Show versions and settings. Tokens are not shown.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    parser = commands.add_parser("version", help="the version")
    parser.set_defaults(run=version)


def version(_: argparse.Namespace) -> int:
    """Print the version."""
    print(__version__)
    return 0


def run(options: argparse.Namespace) -> int:
    """Print what is set."""
    found = _facts()
    if options.json:
        show.as_json(found)
    else:
        show.facts((name, _text(value)) for name, value in found.items())
    return 0


def _facts() -> dict[str, Any]:
    from hfhub.config_file import config_path
    from hfhub.settings import current

    settings = current()
    config = config_path(os.environ)
    return {
        "hfhub": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "executable": sys.executable,
        "endpoint": settings.endpoint,
        "offline": settings.offline,
        "token": _token_source(),
        "cache": str(settings.cache_dir),
        "cache_max_size": settings.cache_max_size,
        "settings_file": config if os.path.isfile(config) else f"{config} (not there)",
        "proxy": settings.https_proxy is not None or settings.http_proxy is not None,
        "ca_bundle": settings.ca_bundle,
        "extras": [name for name, module in _EXTRAS.items() if importlib.util.find_spec(module)],
    }


def _token_source() -> str:
    from hfhub.auth import read_token_file
    from hfhub.settings import current

    settings = current()
    if settings.env_token is not None:
        return "from HF_TOKEN"
    if read_token_file(settings) is not None:
        return f"from {settings.token_path}"
    return "none"


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return None if value is None else str(value)

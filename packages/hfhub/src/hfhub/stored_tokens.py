"""The tokens of this machine by name, in the file that the official client keeps them in."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
from typing import TYPE_CHECKING

from hfhub.settings import current

if TYPE_CHECKING:
    from configparser import ConfigParser
    from pathlib import Path

    from hfhub.settings import Settings

__all__ = ["get_stored_tokens", "masked"]


def get_stored_tokens(settings: Settings | None = None) -> dict[str, str]:
    """The tokens that were saved, by name; none if none was.

    Args:
        settings: where to look; by default the process's.

    Raises:
        ValueError: if the file is not what a client writes.
    """
    config = read_file(stored_tokens_path(settings or current()))
    return {name: config.get(name, "hf_token", fallback="") for name in config.sections()}


def stored_tokens_path(settings: Settings) -> Path:
    """Where they are: beside the token that is in use."""
    return settings.token_path.with_name("stored_tokens")


def store_token(settings: Settings, name: str, token: str) -> None:
    """Save ``token`` under ``name``, which it replaces."""
    path = stored_tokens_path(settings)
    config = read_file(path)
    config.remove_section(name)
    config.add_section(name)
    config.set(name, "hf_token", token)
    _write_file(path, config)


def forget_token(settings: Settings, name: str) -> None:
    """Remove the token called ``name``; the others stay as they are."""
    path = stored_tokens_path(settings)
    config = read_file(path)
    if config.remove_section(name):
        _write_file(path, config)


def expired_name(settings: Settings, token: str) -> str | None:
    """What ``token`` is called, if it was saved with an end that has come; else None."""
    config = read_file(stored_tokens_path(settings))
    for name in config.sections():
        end = config.get(name, "expires_at", fallback="")
        if config.get(name, "hf_token", fallback="") == token and end.isdigit():
            return name if int(end) < time.time() else None
    return None


def read_file(path: Path) -> ConfigParser:
    """The file with everything in it: the official client keeps more than tokens there.

    Raises:
        ValueError: if it is not what a client writes; nothing is to be written over it then.
    """
    from configparser import ConfigParser, Error

    config = ConfigParser(interpolation=None)
    try:
        config.read(path, encoding="utf-8")
    except (Error, UnicodeDecodeError) as error:
        # The message of the parser quotes the line, which may hold a token.
        raise ValueError(
            f"{path} is not a file of tokens ({type(error).__name__}); "
            "move it away and log in again"
        ) from None
    return config


def _write_file(path: Path, config: ConfigParser) -> None:
    text = io.StringIO()
    ordered = type(config)(interpolation=None)
    for name in sorted(config.sections()):
        ordered[name] = dict(config.items(name))
    ordered.write(text)
    write_secret(path, text.getvalue())


def write_secret(path: Path, text: str) -> None:
    """Replace the file at ``path`` in one step by one that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp makes it 0600 from the first byte on.
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(made, path)
    except BaseException:  # a token must not lie about under another name
        with contextlib.suppress(FileNotFoundError):
            os.unlink(made)
        raise


def masked(token: str) -> str:
    """``token`` so that its owner knows it again and nobody else can use it.

    >>> masked("hf_abcdefghijklmnop")
    'hf_****mnop'
    """
    return f"{token[:3]}****{token[-4:]}" if len(token) > 11 else "****"

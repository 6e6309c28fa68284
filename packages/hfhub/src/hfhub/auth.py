"""Where a token comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.errors import HFValidationError, LocalTokenNotFoundError
from hfhub.settings import current

if TYPE_CHECKING:
    from hfhub.settings import Settings

__all__ = ["get_token", "get_token_to_send"]

_changes = 0


def changes() -> int:
    """How often this process logged in or out: a token that was read before is stale then."""
    return _changes


def note_change() -> None:
    """Let everyone read the token anew."""
    global _changes
    _changes += 1


def get_token(settings: Settings | None = None) -> str | None:
    """The token of this machine: ``HF_TOKEN``, ``HUGGING_FACE_HUB_TOKEN``, else the token file.

    Args:
        settings: where to look; by default the process's.

    Returns:
        The token, or None when not logged in. A saved token whose time is over is none: the Hub
        would refuse even what is public with it.
    """
    settings = settings or current()
    if settings.env_token is not None:
        return settings.env_token
    token = read_token_file(settings)
    if token is not None and _is_over(token, settings):
        return None
    return token


def get_token_to_send(token: bool | str | None, settings: Settings | None = None) -> str | None:
    """The token that a call with the argument ``token`` sends.

    Args:
        token: a token; True for the machine's, which must be there; False for none; None for the
            machine's if there is one and ``HF_HUB_DISABLE_IMPLICIT_TOKEN`` is not set.
        settings: where to look; by default the process's.

    Raises:
        LocalTokenNotFoundError: if ``token`` is True and none is found.
        HFValidationError: if the token could not be sent in a header.
    """
    settings = settings or current()
    if isinstance(token, str):
        return _checked(token.strip()) or None
    if token is False or (token is None and not settings.implicit_token):
        return None
    found = get_token(settings)
    if found is None and token is True:
        raise LocalTokenNotFoundError(
            "token=True needs a token, and none was found. Log in with `hfhub auth login`, "
            f"set HF_TOKEN, or write it to {settings.token_path}"
        )
    return found and _checked(found)


def _checked(token: str) -> str:
    """``token``, if it can stand in a header; what is wrong is told without showing it."""
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise HFValidationError(
        "the token holds a space, a line break or a character that is not ASCII, which no token "
        "of the Hub does: it was cut or pasted wrongly. Pass it again, or `hfhub auth login`"
    )


def read_token_file(settings: Settings) -> str | None:
    """The token in the token file, or None."""
    try:
        with open(settings.token_path, encoding="utf-8", errors="replace") as file:
            return "".join(file.read().split()) or None
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


def _is_over(token: str, settings: Settings) -> bool:
    """Whether ``token`` came from a login by browser and has expired; says so once."""
    path = settings.token_path.with_name("stored_tokens")
    try:
        with open(path, "rb") as file:
            if b"expires_at" not in file.read():
                return False
    except OSError:
        return False
    from hfhub.stored_tokens import expired_name

    try:
        name = expired_name(settings, token)
    except ValueError:  # a damaged file says nothing about the token
        return False
    if name is None:
        return False
    if token not in _told:
        _told.add(token)
        import logging

        logging.getLogger("hfhub").warning(
            "The saved token %r has expired and is not sent. Log in again with `hf auth login`, "
            "or with a token by `hfhub auth login`.",
            name,
        )
    return True


_told: set[str] = set()

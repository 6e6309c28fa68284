"""Where a token comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.errors import LocalTokenNotFoundError
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
        The token, or None when not logged in.
    """
    settings = settings or current()
    return settings.env_token or read_token_file(settings)


def get_token_to_send(token: bool | str | None, settings: Settings | None = None) -> str | None:
    """The token that a call with the argument ``token`` sends.

    Args:
        token: a token; True for the machine's, which must be there; False for none; None for the
            machine's if there is one and ``HF_HUB_DISABLE_IMPLICIT_TOKEN`` is not set.
        settings: where to look; by default the process's.

    Raises:
        LocalTokenNotFoundError: if ``token`` is True and none is found.
    """
    settings = settings or current()
    if isinstance(token, str):
        return token.strip() or None
    if token is False or (token is None and not settings.implicit_token):
        return None
    found = get_token(settings)
    if found is None and token is True:
        raise LocalTokenNotFoundError(
            "token=True needs a token, and none was found. Log in with `hfhub auth login`, "
            f"set HF_TOKEN, or write it to {settings.token_path}"
        )
    return found


def read_token_file(settings: Settings) -> str | None:
    """The token in the token file, or None."""
    try:
        with open(settings.token_path, encoding="utf-8") as file:
            return "".join(file.read().split()) or None
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None

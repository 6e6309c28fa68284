"""Logging in and out, and changing between tokens."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hfhub import auth
from hfhub.errors import LocalTokenNotFoundError
from hfhub.settings import current
from hfhub.stored_tokens import (
    forget_token,
    get_stored_tokens,
    masked,
    store_token,
    stored_tokens_path,
    write_secret,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.settings import Settings

__all__ = [
    "auth_list",
    "auth_switch",
    "interpreter_login",
    "list_tokens",
    "login",
    "logout",
    "notebook_login",
]


def login(
    token: str | None = None,
    *,
    add_to_git_credential: bool = False,
    skip_if_logged_in: bool = True,
) -> None:
    """Save a token after the Hub has accepted it, and use it from now on.

    Args:
        token: the token; by default it is asked for at the terminal.
        add_to_git_credential: whether git's credential helpers get it too.
        skip_if_logged_in: whether to ask for one only if there is none yet.

    Raises:
        HfHubHTTPError: if the Hub does not accept the token; nothing is saved then.
        LocalTokenNotFoundError: if none is given and there is no terminal to ask at.
        ValueError: if it is the token of an organisation.
    """
    settings = current()
    if token is None:
        if skip_if_logged_in and auth.get_token(settings) is not None:
            return
        token = _ask()
    token = token.strip()
    if token.startswith("api_org"):
        raise ValueError("this is an organisation's token; log in with a token of your own account")
    name = _name_of(token)
    store_token(settings, name, token)
    _use(settings, token, add_to_git_credential=add_to_git_credential)


def interpreter_login(*, skip_if_logged_in: bool = True) -> None:
    """Ask for a token at the terminal, then `login`."""
    login(skip_if_logged_in=skip_if_logged_in)


def notebook_login(*, skip_if_logged_in: bool = True) -> None:
    """Ask for a token in the notebook, then `login`."""
    if skip_if_logged_in and auth.get_token() is not None:
        return
    from getpass import getpass  # notebooks replace it by an input field

    login(getpass(_QUESTION))


def logout(token_name: str | None = None) -> None:
    """Forget one token, or all.

    Args:
        token_name: which; by default all of them, and the one in use.

    Raises:
        OSError: if the environment still holds a token, which logging out cannot change.
    """
    settings = current()
    if token_name is None:
        settings.token_path.unlink(missing_ok=True)
        stored_tokens_path(settings).unlink(missing_ok=True)
    else:
        token = get_stored_tokens(settings).get(token_name)
        forget_token(settings, token_name)
        if token is not None and token == auth.read_token_file(settings):
            settings.token_path.unlink(missing_ok=True)
    auth.note_change()
    _tell_git(settings, "reject")
    if settings.env_token is not None:
        raise OSError(
            "the token was deleted from this machine, but HF_TOKEN or HUGGING_FACE_HUB_TOKEN still "
            "holds one: unset them to be logged out"
        )


def auth_switch(token_name: str, add_to_git_credential: bool = False) -> None:
    """Use another of the saved tokens from now on.

    Args:
        token_name: which.
        add_to_git_credential: whether git's credential helpers get it too.

    Raises:
        ValueError: if there is none of that name.
    """
    settings = current()
    tokens = get_stored_tokens(settings)
    if not tokens.get(token_name):
        known = ", ".join(tokens) or "none"
        raise ValueError(
            f"no token is called {token_name!r} in {stored_tokens_path(settings)}; "
            f"saved are: {known}"
        )
    _use(settings, tokens[token_name], add_to_git_credential=add_to_git_credential)


def list_tokens() -> Iterator[tuple[str, str, bool]]:
    """The saved tokens: name, masked token, and whether it is the one in use."""
    settings = current()
    active = auth.get_token(settings)
    for name, token in get_stored_tokens(settings).items():
        yield name, masked(token), token == active


def auth_list() -> None:
    """Print the saved tokens, masked; a star marks the one in use."""
    rows = list(list_tokens())
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, shown, is_active in rows:
        print(f"{'*' if is_active else ' '} {name:{width}}  {shown}")  # noqa: T201 - its purpose
    if not rows:
        print("No token is saved; log in with `hfhub auth login`.")  # noqa: T201 - its purpose
    if current().env_token is not None:
        print("HF_TOKEN is set and is used before these.")  # noqa: T201 - its purpose


_QUESTION = "Token from https://huggingface.co/settings/tokens (it is not shown): "


def _ask() -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise LocalTokenNotFoundError(
            "there is no terminal to ask for a token at; pass it: login(token=...), or set HF_TOKEN"
        )
    from getpass import getpass

    return getpass(_QUESTION)


def _name_of(token: str) -> str:
    """What the Hub calls ``token``, once it has accepted it."""
    from hfhub.api import whoami

    user = whoami(token=token)
    described = user.get("auth")
    access = described.get("accessToken") if isinstance(described, dict) else None
    name = access.get("displayName") if isinstance(access, dict) else None
    return str(name or f"oauth-{user.get('name', 'user')}")


def _use(settings: Settings, token: str, *, add_to_git_credential: bool) -> None:
    write_secret(settings.token_path, token)
    auth.note_change()
    if add_to_git_credential:
        _tell_git(settings, "approve", token)


def _tell_git(settings: Settings, verb: str, token: str | None = None) -> None:
    """Give git's credential helpers the token, or take it from them; without git, do nothing."""
    import subprocess

    lines = [f"url={settings.endpoint}", "username=hf_user"]
    if token is not None:
        lines.append(f"password={token}")
    try:
        subprocess.run(
            ["git", "credential", verb],
            input="\n".join([*lines, "", ""]),
            text=True,
            capture_output=True,
            check=False,
            timeout=30,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return

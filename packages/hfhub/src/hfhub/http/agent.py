"""How we introduce ourselves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hfhub import __version__
from hfhub.auth import get_token_to_send
from hfhub.settings import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfhub.settings import Settings


def user_agent_of(
    settings: Settings,
    *,
    library_name: str | None = None,
    library_version: str | None = None,
    user_agent: Mapping[str, str] | str | None = None,
) -> str:
    """The ``User-Agent`` line: who calls, with which library, on which Python.

    Args:
        settings: for ``HF_HUB_USER_AGENT_ORIGIN``.
        library_name: the library that calls.
        library_version: its version.
        user_agent: more, as text or as names with values.
    """
    parts = [f"{library_name}/{library_version}" if library_name else "unknown/None"]
    parts.append(f"hfhub/{__version__}")
    parts.append("python/{}.{}.{}".format(*sys.version_info[:3]))
    if isinstance(user_agent, str):
        parts.extend(part.strip() for part in user_agent.split(";"))
    elif user_agent is not None:
        parts.extend(f"{name}/{value}" for name, value in user_agent.items())
    if settings.user_agent_origin:
        parts.append(f"origin/{settings.user_agent_origin}")
    return "; ".join(dict.fromkeys(part for part in parts if part))


def build_hf_headers(
    *,
    token: bool | str | None = None,
    library_name: str | None = None,
    library_version: str | None = None,
    user_agent: Mapping[str, str] | str | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers of a call to the Hub, for programs that make the call themselves.

    The result holds the token: send it to the endpoint only.

    Args:
        token: as everywhere: a token, True, False or None.
        library_name: the library that calls.
        library_version: its version.
        user_agent: more about the caller, as text or as names with values.
        headers: more headers; they win.

    Raises:
        LocalTokenNotFoundError: if ``token`` is True and none is found.
    """
    settings = current()
    made = {
        "user-agent": user_agent_of(
            settings,
            library_name=library_name,
            library_version=library_version,
            user_agent=user_agent,
        )
    }
    sent = get_token_to_send(token, settings)
    if sent is not None:
        made["authorization"] = f"Bearer {sent}"
    made.update(headers or {})
    return made

"""A user's settings file: what the environment would say, written down once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from hfhub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KEYS", "ConfigFileError", "config_path", "read_config"]

_NAME = "settings.toml"
# What may stand in the file, and the variable that it stands for (and that wins over it).
KEYS = {
    "attempts": "HFHUB_ATTEMPTS",
    "ca_bundle": "REQUESTS_CA_BUNDLE",
    "cache_dir": "HF_HUB_CACHE",
    "cache_max_size": "HFHUB_CACHE_MAX_SIZE",
    "deadline": "HFHUB_DEADLINE",
    "download_timeout": "HF_HUB_DOWNLOAD_TIMEOUT",
    "endpoint": "HF_ENDPOINT",
    "etag_timeout": "HF_HUB_ETAG_TIMEOUT",
    "http_proxy": "HTTP_PROXY",
    "https_proxy": "HTTPS_PROXY",
    "no_proxy": "NO_PROXY",
    "offline": "HF_HUB_OFFLINE",
    "user_agent_origin": "HF_HUB_USER_AGENT_ORIGIN",
}


class ConfigFileError(HubError, ValueError):
    """The settings file is not TOML, or holds what it may not."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}. It may hold: {', '.join(KEYS)}"


def config_path(env: Mapping[str, str]) -> str:
    """Where the file is: ``settings.toml`` in ``platformdirs.user_config_dir("hfhub")``."""
    if sys.platform in ("win32", "darwin"):
        import platformdirs

        return os.path.join(platformdirs.user_config_dir("hfhub", appauthor=False), _NAME)
    # What platformdirs gives elsewhere, without its 6 ms at every start.
    base = env.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
    return os.path.join(base, "hfhub", _NAME)


def read_config(path: str) -> dict[str, str]:
    """What the file at ``path`` says, as the variables that would say the same.

    Returns:
        Variables by name; none if there is no file.

    Raises:
        ConfigFileError: naming the file and what is wrong in it.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    import tomllib

    try:
        content = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigFileError(path, f"it is not TOML: {error}") from error
    return {_variable(path, key): _text(path, key, value) for key, value in content.items()}


def _variable(path: str, key: str) -> str:
    if key not in KEYS:
        raise ConfigFileError(path, f"{key!r} is not a setting")
    return KEYS[key]


def _text(path: str, key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ConfigFileError(path, f"{key!r} is to be text, a number or a truth value")

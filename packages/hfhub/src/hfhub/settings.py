"""Every setting of hfhub, read once from the environment into a frozen dataclass."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hfhub.config_file import config_path, read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

# A year in seconds; sockets do not wait for what is much more.
_MOST = 31_536_000

DEFAULT_ENDPOINT = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a call needs to know of its surroundings.

    Made once by :func:`current`, changed for one call by :meth:`override`, passed down. Sizes of
    time are seconds; ``attempts`` and ``deadline`` bound one request with all its retries.
    """

    endpoint: str
    home: Path
    cache_dir: Path
    token_path: Path
    env_token: str | None = field(default=None, repr=False)
    implicit_token: bool = True
    offline: bool = False
    etag_timeout: float = 10.0
    download_timeout: float = 10.0
    symlinks: bool = True
    progress_bars: bool | None = None
    telemetry: bool = True
    shared_blobs: bool = True
    user_agent_origin: str | None = None
    cache_max_size: str | None = None
    attempts: int = 6
    deadline: float = 310.0
    http_proxy: str | None = field(default=None, repr=False)
    https_proxy: str | None = field(default=None, repr=False)
    no_proxy: str | None = None
    ca_bundle: str | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the variables that ``huggingface_hub`` documents, and ours.

        Args:
            env: the variables; by default those of the process, and what the user's settings
                file says where they say nothing.

        Raises:
            ValueError: if a variable or the file holds what is no number, URL or setting.
        """
        if env is None:
            env = {**read_config(config_path(os.environ)), **os.environ}
        xdg = env.get("XDG_CACHE_HOME") or "~/.cache"
        home = _path(env.get("HF_HOME") or f"{xdg}/huggingface")
        cache = env.get("HF_HUB_CACHE") or env.get("HUGGINGFACE_HUB_CACHE")
        token_path = env.get("HF_TOKEN_PATH")
        bars = env.get("HF_HUB_DISABLE_PROGRESS_BARS")
        return cls(
            endpoint=_endpoint(env.get("HF_ENDPOINT")),
            home=home,
            cache_dir=_path(cache) if cache else home / "hub",
            token_path=_path(token_path) if token_path else home / "token",
            env_token=_clean(env.get("HF_TOKEN")) or _clean(env.get("HUGGING_FACE_HUB_TOKEN")),
            implicit_token=not _flag(env.get("HF_HUB_DISABLE_IMPLICIT_TOKEN")),
            offline=_flag(env.get("HF_HUB_OFFLINE") or env.get("TRANSFORMERS_OFFLINE")),
            etag_timeout=_number(env, "HF_HUB_ETAG_TIMEOUT", 10.0),
            download_timeout=_number(env, "HF_HUB_DOWNLOAD_TIMEOUT", 10.0),
            symlinks=not _flag(env.get("HF_HUB_DISABLE_SYMLINKS")),
            progress_bars=None if bars is None else not _flag(bars),
            telemetry=not any(
                _flag(env.get(name))
                for name in ("HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY", "DO_NOT_TRACK")
            ),
            shared_blobs=not _flag(env.get("HF_HUB_DISABLE_SHARED_BLOBS")),
            user_agent_origin=env.get("HF_HUB_USER_AGENT_ORIGIN"),
            cache_max_size=env.get("HFHUB_CACHE_MAX_SIZE"),
            attempts=max(1, int(_number(env, "HFHUB_ATTEMPTS", 6))),
            deadline=_number(env, "HFHUB_DEADLINE", 310.0),
            http_proxy=_either_case(env, "HTTP_PROXY") or _either_case(env, "ALL_PROXY"),
            https_proxy=_either_case(env, "HTTPS_PROXY") or _either_case(env, "ALL_PROXY"),
            no_proxy=_either_case(env, "NO_PROXY"),
            ca_bundle=env.get("REQUESTS_CA_BUNDLE") or env.get("SSL_CERT_FILE") or None,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickle gets about, in caches and job stores: what is secret stays in the environment,
        # and whoever reads the pickle uses its own.
        public = {one.name: getattr(self, one.name) for one in fields(self) if one.repr}
        return _with_own_secrets, (type(self), public)

    def override(
        self,
        *,
        endpoint: str | None = None,
        cache_dir: str | Path | None = None,
        offline: bool | None = None,
        etag_timeout: float | None = None,
    ) -> Settings:
        """These settings with the arguments of one call laid over them; None changes nothing."""
        if all(given is None for given in (endpoint, cache_dir, offline, etag_timeout)):
            return self
        return replace(
            self,
            endpoint=self.endpoint if endpoint is None else endpoint.rstrip("/"),
            cache_dir=self.cache_dir if cache_dir is None else _path(cache_dir),
            offline=self.offline if offline is None else offline,
            etag_timeout=self.etag_timeout if etag_timeout is None else etag_timeout,
        )


def _with_own_secrets(kind: type[Settings], public: dict[str, Any]) -> Settings:
    """The settings that were pickled, with the token and the proxies of this process."""
    here = current()
    secrets = {one.name: getattr(here, one.name) for one in fields(kind) if not one.repr}
    return kind(**public, **secrets)


_current: Settings | None = None


def current() -> Settings:
    """The settings of this process, read from the environment on first use."""
    global _current
    if _current is None:
        _current = Settings.from_env()
    return _current


def reload() -> Settings:
    """Read the environment again; for programs that change it after the first call."""
    global _current
    _current = None
    return current()


def _endpoint(text: str | None) -> str:
    url = (text or "").strip().rstrip("/") or DEFAULT_ENDPOINT
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError(f"HF_ENDPOINT={url!r} is not an http or https URL")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("HF_ENDPOINT holds a user name, which would not be sent; use HF_TOKEN")
    return url


def _path(text: str | Path) -> Path:
    return Path(os.path.expandvars(text)).expanduser().absolute()


def _clean(token: str | None) -> str | None:
    return token.replace("\r", "").replace("\n", "").strip() or None if token else None


def _flag(value: str | None) -> bool:
    return value is not None and value.strip().upper() in {"1", "ON", "YES", "TRUE"}


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name}={text!r} is not a number") from None
    if not 0 < number <= _MOST:
        raise ValueError(f"{name}={text!r} is not a number from 0 to {_MOST}, 0 not included")
    return number


def _either_case(env: Mapping[str, str], name: str) -> str | None:
    """A proxy variable, which programs write in either case; the lower one wins, as in curl."""
    return env.get(name.lower()) or env.get(name) or None

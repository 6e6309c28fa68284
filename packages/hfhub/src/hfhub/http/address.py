"""Where a URL points: its origin and what is asked of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_AUTHORITY_END = re.compile(r"[/?#]")
_PLAIN_PATH = re.compile(r"/(?!/)[^;#?]*(?:\?[^;#]+)?")
_PORTS = {"http": 80, "https": 443}
# What may stand unquoted in a URL, "%" included: it is quoted already.
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_SECRETS = ("sig", "token", "credential", "policy", "key")


class Origin(NamedTuple):
    """Scheme, host and port: what a token is bound to."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """The host as the ``Host`` header wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


class Address(NamedTuple):
    """A URL, taken apart; ``target`` is its path and query, quoted."""

    origin: Origin
    target: str

    @property
    def url(self) -> str:
        """The URL, without user name, password and fragment."""
        return f"{self.origin}{self.target}"


@lru_cache(maxsize=512)
def parse_url(url: str) -> Address:
    """Take ``url`` apart.

    Raises:
        ValueError: if it is not an absolute http or https URL.
    """
    if not url.isascii() or " " in url or not url.isprintable():
        if any(ord(char) < 32 or ord(char) == 127 for char in url):
            raise ValueError(f"the URL {url!r} holds a control character")
        url = _ascii_host(url)
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ValueError(f"{shown(url)!r} is not an http or https URL")
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    origin = _origin_of(f"{scheme}://{authority}")
    target = rest[len(authority) :].partition("#")[0]
    if not target.startswith("/"):
        target = f"/{target}"
    if target.endswith("?") and target.index("?") == len(target) - 1:
        target = target[:-1]  # an empty query
    return Address(origin, target)


@lru_cache(maxsize=64)
def _origin_of(start: str) -> Origin:
    """The origin of a URL that goes on after its host; few of them, so they are kept."""
    parts = urlsplit(start)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{shown(start)!r} is not an http or https URL")
    return Origin(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])


def join_url(base: str, reference: str) -> str:
    """The absolute URL that ``reference`` (of a ``Location`` or a ``Link``) means at ``base``."""
    reference = reference.strip()
    if _PLAIN_PATH.fullmatch(reference) and "/." not in reference:
        # The usual one, a path at the same origin: urljoin takes 50 us for it.
        scheme, _, rest = base.partition("://")
        return f"{scheme}://{_AUTHORITY_END.split(rest, maxsplit=1)[0]}{reference}"
    return urljoin(base, reference)


def shown(url: str) -> str:
    """``url`` for messages: without a user name and password, and without a signed query."""
    head, mark, query = url.partition("?")
    scheme, separator, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        head = f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
    if mark and any(word in query.lower() for word in _SECRETS):
        query = "..."
    return f"{head}{mark}{query}"


def with_query(url: str, params: Mapping[str, Any]) -> str:
    """``url`` with a query; None values are left out, lists repeated, booleans in lower case."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        values = value if isinstance(value, (list, tuple, set)) else (value,)
        pairs.extend(
            (name, str(one).lower() if isinstance(one, bool) else str(one))
            for one in values
            if one is not None
        )
    if not pairs:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(pairs)}"


def _ascii_host(url: str) -> str:
    """``url`` with its host in IDNA and the rest percent-quoted."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError(f"{url!r} has no valid host name: {error}") from None
    return f"{scheme}{separator}{host}{slash}{quote(path, safe=_SAFE)}"

"""Whose certificates are trusted."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=8)
def context(ca_bundle: str | None) -> ssl.SSLContext:
    """A context that checks names and certificates against ``ca_bundle``, else certifi's.

    Args:
        ca_bundle: a PEM file, or a folder as ``c_rehash`` makes it.

    Raises:
        OSError: if there is no such file or it holds no certificate.
    """
    if ca_bundle is not None:
        if Path(ca_bundle).is_dir():
            return _http1(ssl.create_default_context(capath=ca_bundle))
        if not Path(ca_bundle).is_file():
            raise FileNotFoundError(
                f"the CA bundle {ca_bundle!r} of SSL_CERT_FILE or REQUESTS_CA_BUNDLE is not there"
            )
        return _http1(ssl.create_default_context(cafile=ca_bundle))
    import certifi

    return _http1(ssl.create_default_context(cafile=certifi.where()))


def _http1(made: ssl.SSLContext) -> ssl.SSLContext:
    made.set_alpn_protocols(["http/1.1"])
    return made

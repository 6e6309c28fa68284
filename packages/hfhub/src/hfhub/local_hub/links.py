"""Signed links to the second origin, which open one file for a while without a token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from hfhub.local_hub.refusals import Refusal

if TYPE_CHECKING:
    from hfhub.local_hub.call import Call


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks links.

    Attributes:
        seconds: how long a link works.
        key: what the signatures are made with.
    """

    seconds: float = 3600.0
    key: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)

    def sign(self, path: str, *, expired: bool = False) -> str:
        """``path`` (unquoted) as a target that works until its time is up."""
        expires = f"{0.0 if expired else time.time() + self.seconds:.3f}"
        name = quote(path.rpartition("/")[2])
        return (
            f"{quote(path)}?response-content-disposition=inline%3B+filename%3D%22{name}%22"
            f"&Expires={expires}&Key-Pair-Id=LOCALHUB&Signature={self._signature(path, expires)}"
        )

    def check(self, call: Call) -> None:
        """Let a call through that came by a link of ours.

        Raises:
            Refusal: if the signature is wrong, the time is up, or a token came along.
        """
        expires = call.parameter("Expires") or ""
        signature = call.parameter("Signature") or ""
        if "authorization" in call.headers:
            # As S3: a link and a header are two ways to authenticate, and one has to be chosen.
            raise Refusal(400, "Only one auth mechanism allowed")
        if not hmac.compare_digest(signature, self._signature(call.path, expires)):
            raise Refusal(403, "The signature does not match")
        if float(expires) < time.time():
            raise Refusal(403, "Request has expired")

    def _signature(self, path: str, expires: str) -> str:
        text = f"{path}\n{expires}".encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()[:32]

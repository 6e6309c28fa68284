"""HTTP for the Hub: one pool of connections, retries, redirects without the token, paging.

>>> from hfhub.http import client_for, observe
>>> from hfhub.settings import current
>>> client = client_for(current())
>>> client.url("api/models")
'https://huggingface.co/api/models'
"""

from __future__ import annotations

from hfhub.http.address import with_query
from hfhub.http.agent import build_hf_headers
from hfhub.http.client import Client, client_for
from hfhub.http.headers import Headers
from hfhub.http.paging import PagingError
from hfhub.http.response import Request, Response
from hfhub.http.retry import RateLimitInfo, parse_ratelimit_headers
from hfhub.http.status import raise_for_status
from hfhub.http.status import raise_for_status as hf_raise_for_status
from hfhub.http.watch import RequestLog, observe

__all__ = [
    "Client",
    "Headers",
    "PagingError",
    "RateLimitInfo",
    "Request",
    "RequestLog",
    "Response",
    "build_hf_headers",
    "client_for",
    "hf_raise_for_status",
    "observe",
    "parse_ratelimit_headers",
    "raise_for_status",
    "with_query",
]

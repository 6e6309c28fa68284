"""Requests to the Hub: retried, redirected, counted, with the token where it belongs."""

from __future__ import annotations

import time
from copy import copy
from functools import lru_cache
from json import JSONDecodeError
from socket import gaierror
from typing import TYPE_CHECKING, Any, Literal

from hfhub import auth
from hfhub.errors import HubConnectionError, OfflineModeIsEnabled
from hfhub.http.address import parse_url, shown, with_query
from hfhub.http.agent import user_agent_of
from hfhub.http.answer import json_of, list_of
from hfhub.http.exchange import REPEATABLE, exchange
from hfhub.http.paging import PagingError, next_url
from hfhub.http.response import Request
from hfhub.http.retry import Retry
from hfhub.http.status import error_for
from hfhub.http.watch import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hfhub.http.address import Address
    from hfhub.http.response import Response
    from hfhub.http.watch import Hook
    from hfhub.settings import Settings

Redirects = Literal["follow", "same-origin", "none"]

_REDIRECT_LIMIT = 20
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


class Client:
    """Makes requests for one caller: its endpoint, token and user agent.

    It is cheap to make, may be used by many threads, and holds no connection: those are in one
    pool for the process.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        token: bool | str | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: Mapping[str, str] | str | None = None,
        library_name: str | None = None,
        library_version: str | None = None,
        on_request: Hook | None = None,
    ) -> None:
        """Make a client; nothing is read or sent yet.

        Args:
            settings: endpoint, timeouts, proxies, offline.
            token: a token, True (the machine's, required), False (none), None (the machine's).
            headers: more headers for requests to the endpoint.
            user_agent: more about the caller.
            library_name: the library that calls.
            library_version: its version.
            on_request: called after each request on the wire, as by `observe`.
        """
        self.settings = settings
        self._token = token
        self._headers = {name.lower(): value for name, value in (headers or {}).items()}
        self._agent = user_agent_of(
            settings,
            library_name=library_name,
            library_version=library_version,
            user_agent=user_agent,
        )
        self._on_request = on_request
        self._home = parse_url(settings.endpoint).origin
        self._home_headers: tuple[int, dict[str, str]] | None = None

    def __repr__(self) -> str:
        return f"Client({self.settings.endpoint!r})"

    def __getstate__(self) -> dict[str, Any]:
        # The machine's token is no part of it: another process reads its own.
        return self.__dict__ | {"_home_headers": None}

    def with_settings(self, settings: Settings) -> Client:
        """The same caller with other settings."""
        made = copy(self)
        made.settings = settings
        return made

    def url(self, path: str) -> str:
        """The URL of ``path`` at the endpoint; an absolute URL stays as it is."""
        if path.startswith(("http://", "https://")):
            return path
        return f"{self.settings.endpoint}/{path.lstrip('/')}"

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        json: Any = None,
        timeout: float | None = None,
        redirects: Redirects = "same-origin",
        ok_statuses: Collection[int] = (),
        retry: bool = True,
        repeatable: bool | None = None,
        as_json: bool = False,
    ) -> Response:
        """Make a request and read its answer.

        Args:
            method: ``GET``, ``HEAD``, ``POST``, ...
            url: a URL, or a path at the endpoint.
            params: the query; None values are left out, lists are repeated, True is ``true``.
            headers: more headers; those that carry secrets stay on this URL's origin.
            body: bytes to send.
            json: a value to send as JSON.
            timeout: seconds to wait for the head; by default ``settings.etag_timeout``.
            redirects: ``follow`` them anywhere (without the token), on the ``same-origin``, or
                ``none``. One that is not followed is the answer.
            ok_statuses: error statuses that are an answer here.
            retry: whether to try again after what passes by itself.
            repeatable: whether the server may get the request twice; by default by the method.
            as_json: whether the answer is to be JSON; if it was cut short, it is asked for again.

        Raises:
            HfHubHTTPError: or its subclass for the answer.
            HubConnectionError: if no answer came; `HubTimeoutError` if the last wait was too long.
            OfflineModeIsEnabled: in offline mode, before anything is sent.
        """
        lines, data = _with_body(headers, body, json)
        if params:
            url = with_query(self.url(url), params)
        return self._attempt(
            method,
            self.url(url),
            headers=lines,
            body=data,
            timeout=self.settings.etag_timeout if timeout is None else timeout,
            redirects=redirects,
            ok_statuses=ok_statuses,
            retry=self._retry(retry, method in REPEATABLE if repeatable is None else repeatable),
            read=_read_json if as_json else _read,
        )

    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        redirects: Redirects = "follow",
        ok_statuses: Collection[int] = (),
        retry: bool = True,
    ) -> Response:
        """Make a request and leave the body to be read inside a ``with``.

        Args:
            method: ``GET``, usually.
            url: a URL, or a path at the endpoint.
            headers: more headers, such as ``Range``.
            timeout: seconds to wait for the head; by default ``settings.download_timeout``,
                which also bounds each wait for more of the body.
            redirects: as in `request`.
            ok_statuses: error statuses that are an answer here.
            retry: whether to try again until there is a head; the body is the caller's.

        Raises:
            HfHubHTTPError: or its subclass for the answer.
            HubConnectionError: if no answer came; `HubTimeoutError` if the last wait was too long.
            OfflineModeIsEnabled: in offline mode, before anything is sent.
        """
        return self._attempt(
            method,
            self.url(url),
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=None,
            timeout=self.settings.download_timeout if timeout is None else timeout,
            redirects=redirects,
            ok_statuses=ok_statuses,
            retry=self._retry(retry, method in REPEATABLE),
            read=_leave,
        )

    def get_json(self, path: str, *, params: Mapping[str, Any] | None = None) -> Any:
        """GET ``path`` and give its JSON.

        Raises:
            HubConnectionError: also if the answer is not JSON, as from a captive portal.
            HfHubHTTPError: for an error that the Hub answers.
        """
        return json_of(self.request("GET", path, params=params, as_json=True))

    def paginate(self, path: str, *, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """The items of all pages of a listing, asked for as they are consumed.

        Raises:
            PagingError: if a link leads to another origin or back to a page seen before.
        """
        response = self.request("GET", path, params=params, as_json=True)
        seen = {response.request.url}
        while True:
            yield from list_of(response)
            url = next_url(response)
            if url is None:
                return
            if url in seen:
                raise PagingError(
                    f"the pages of {shown(response.url)} go round in a circle", response=response
                )
            seen.add(url)
            response = self.request("GET", url, as_json=True)

    # --- one request, with its retries and redirects

    def _retry(self, wanted: bool, repeatable: bool) -> Retry:
        settings = self.settings
        attempts = settings.attempts if wanted else 1
        return Retry(attempts=attempts, deadline=settings.deadline, twice=repeatable)

    def _attempt(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
        redirects: Redirects,
        ok_statuses: Collection[int],
        retry: Retry,
        read: Callable[[Response], object],
    ) -> Response:
        """Try until there is an answer to give or an error to raise."""
        if self.settings.offline:
            raise OfflineModeIsEnabled(
                f"{shown(url)} was not asked: offline mode is on. Unset HF_HUB_OFFLINE to go online"
            )
        while True:
            wait: float | None
            try:
                response = self._follow(method, url, headers, body, timeout, redirects)
                if response.status_code >= 400 or read is not _leave:
                    response.must_end_by(time.monotonic() + max(retry.left, 0.0))
                if response.status_code < 400:
                    read(response)
                else:
                    response.read_aside()
            except HubConnectionError as error:
                if not _may_pass(error):
                    raise
                wait = retry.after_failure(untouched=_was_not_sent(error))
                if wait is None:
                    error.attempts = retry.made
                    error.args = (error.url, error.reason, error.attempts)
                    raise
            else:
                status = response.status_code
                if status < 400 or status in ok_statuses:
                    return response
                wait = retry.after_status(status, response.headers)
                if wait is None:
                    raise error_for(response)
            time.sleep(wait)

    def _follow(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
        redirects: Redirects,
    ) -> Response:
        """Send the request, and go where redirects lead as far as ``redirects`` allows."""
        history: tuple[Response, ...] = ()
        end = time.monotonic() + timeout  # of the redirects' own texts, all together
        address = _parse(url)
        at_home = address.origin == self._home
        while True:
            response = self._exchange(method, address, headers, body, timeout, at_home)
            response.history = history
            if redirects == "none" or not response.is_redirect:
                return response
            try:
                target = parse_url(response.location)
            except ValueError as error:
                response.close()
                raise HubConnectionError(shown(response.url), f"a redirect: {error}") from error
            if target.origin != address.origin:
                if redirects == "same-origin":
                    return response
                # Left once, a chain never gets the token again, not even back at the endpoint.
                at_home = False
                headers = {k: v for k, v in headers.items() if k not in _SECRET_HEADERS}
            if len(history) == _REDIRECT_LIMIT:
                response.close()
                raise HubConnectionError(shown(url), f"over {_REDIRECT_LIMIT} redirects")
            response.must_end_by(end)
            response.read_aside()  # frees the connection; its text is never the file's
            if response.status_code == 303 or (
                response.status_code in (301, 302) and method == "POST"
            ):
                method = method if method == "HEAD" else "GET"
                body = None
                headers = {k: v for k, v in headers.items() if k != "content-type"}
            history = (*history, response)
            address = target

    def _exchange(
        self,
        method: str,
        address: Address,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
        at_home: bool,
    ) -> Response:
        """Send one request with the headers that its origin may see, and tell who looks on."""
        lines = {"accept": "*/*", "accept-encoding": "identity", "user-agent": self._agent}
        if at_home:
            lines.update(self._headers_at_home())
        lines.update(headers)
        try:
            response = exchange(self.settings, method, address, lines, body, timeout)
        except HubConnectionError:
            self._tell(Request(method, address.url), None)
            raise
        self._tell(response.request, response)
        return response

    def _tell(self, request: Request, response: Response | None) -> None:
        if self._on_request is not None:
            self._on_request(request, response)
        tell(request, response)

    def _headers_at_home(self) -> dict[str, str]:
        """What only the endpoint gets: the token and the caller's own headers."""
        changes = auth.changes()
        if self._home_headers is None or self._home_headers[0] != changes:
            token = auth.get_token_to_send(self._token, self.settings)
            made = {} if token is None else {"authorization": f"Bearer {token}"}
            self._home_headers = changes, made | self._headers
        return self._home_headers[1]


@lru_cache(maxsize=32)
def client_for(settings: Settings, token: bool | str | None = None) -> Client:
    """The client of these settings and this token, made once."""
    return Client(settings, token=token)


def _parse(url: str) -> Address:
    try:
        return parse_url(url)
    except ValueError as error:
        raise HubConnectionError(shown(url), str(error)) from error


def _with_body(
    headers: Mapping[str, str] | None, body: bytes | None, json: Any
) -> tuple[dict[str, str], bytes | None]:
    made = {name.lower(): value for name, value in (headers or {}).items()}
    if json is not None:
        from json import dumps

        body = dumps(json, separators=(",", ":")).encode()
        made.setdefault("content-type", "application/json")
    return made, body


def _read(response: Response) -> object:
    """Read the body while the request may still be tried again."""
    return response.content


def _read_json(response: Response) -> object:
    """Read and parse the body. Only what claims to be JSON: a login page will not pass."""
    if "json" not in response.headers.get("content-type", "json"):
        return response.content
    return json_of(response)


def _leave(response: Response) -> object:
    """Leave the body to the caller."""
    return response


def _may_pass(error: HubConnectionError) -> bool:
    """Whether the same request may succeed a moment later."""
    cause = error.__cause__
    if isinstance(cause, OSError):
        return "CERTIFICATE_VERIFY_FAILED" not in str(cause)
    return isinstance(cause, (JSONDecodeError, UnicodeDecodeError))


def _was_not_sent(error: HubConnectionError) -> bool:
    """Whether there was nobody to send the request to."""
    return isinstance(error.__cause__, (ConnectionRefusedError, gaierror))

"""Which error an answer stands for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hfhub.errors import (
    BadRequestError,
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    TooManyRequestsError,
)
from hfhub.http.address import shown
from hfhub.http.retry import parse_ratelimit_headers

if TYPE_CHECKING:
    from hfhub.http.response import Response

_BY_CODE: dict[str, tuple[type[HfHubHTTPError], str]] = {
    "RepoNotFound": (
        RepositoryNotFoundError,
        "Repository Not Found: check `repo_id` and `repo_type`. A private or gated repository "
        "looks the same to those it is closed to: log in (`hfhub auth login`) or pass `token`",
    ),
    "RevisionNotFound": (
        RevisionNotFoundError,
        "Revision Not Found: the repository has no such branch, tag or commit",
    ),
    "EntryNotFound": (
        RemoteEntryNotFoundError,
        "Entry Not Found: the repository has no such file at that revision",
    ),
    "GatedRepo": (
        GatedRepoError,
        "Cannot access gated repo: open its page, accept the conditions, and pass the token of "
        "the account that was granted access",
    ),
}
_BY_STATUS: dict[int, tuple[type[HfHubHTTPError], str]] = {
    400: (BadRequestError, "Bad request"),
    403: (HfHubHTTPError, "Forbidden: the token lacks the permission for this"),
    429: (TooManyRequestsError, "Too Many Requests: the rate limit is exceeded"),
}
_DISABLED = "Access to this resource is disabled."
_BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105 - the Hub's message
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_REPO_URL = re.compile(r"https?://[^/]+(?:/api/(?:models|datasets|spaces)/.+|/.+/resolve/.+)")


def raise_for_status(response: Response, endpoint_name: str | None = None) -> None:
    """Raise the typed error that ``response`` stands for; redirects and successes pass.

    Args:
        response: the answer.
        endpoint_name: what was asked for, to be named in the text of a `BadRequestError`.

    Raises:
        HfHubHTTPError: or the subclass that the status and ``X-Error-Code`` stand for.
    """
    if response.status_code >= 400:
        raise error_for(response, endpoint_name)


def error_for(response: Response, endpoint_name: str | None = None) -> HfHubHTTPError:
    """The error that an answer with a status of 400 or more stands for."""
    kind, words = _classify(response)
    if kind is BadRequestError and endpoint_name:
        words = f"{words} for {endpoint_name} endpoint"
    status = response.status_code
    side = "Client" if status < 500 else "Server"
    said = server_message(response)
    first = f"{status} {side} Error{_request_id(response)}"
    lines = [first, "", f"{_plain(words)}.", f"Url: {shown(response.url)}"]
    if said and said.lower() not in words.lower():
        lines.append(said)
    return kind("\n".join(lines), response=response, server_message=said)


def _classify(response: Response) -> tuple[type[HfHubHTTPError], str]:
    status = response.status_code
    code = response.headers.get("x-error-code")
    message = response.headers.get("x-error-message")
    if code in _BY_CODE:
        return _BY_CODE[code]
    if message == _DISABLED:
        return DisabledRepoError, "Cannot access this repository: it is disabled"
    if status == 401 and message != _BAD_TOKEN and _REPO_URL.match(response.request.url):
        # The Hub says 401 for a repository that is missing as well as for one that is private.
        return _BY_CODE["RepoNotFound"]
    if status == 401:
        return HfHubHTTPError, "Unauthorized: the token is missing, wrong or expired"
    if status == 429:
        return TooManyRequestsError, _rate_limit_words(response)
    if status == 416:
        held = response.headers.get("content-range", "an unknown length")
        return HfHubHTTPError, f"Range Not Satisfiable: the file has {held}"
    return _BY_STATUS.get(status, (HfHubHTTPError, response.reason or "no reason was given"))


def _rate_limit_words(response: Response) -> str:
    words = _BY_STATUS[429][1]
    limit = parse_ratelimit_headers(response.headers)
    if limit is None or limit.remaining:
        return words
    window = f" of {limit.limit} in {limit.window_seconds} s" if limit.limit else ""
    return (
        f"{words}{window} for {limit.resource_type!r}; retry after "
        f"{limit.reset_in_seconds} seconds. A token raises the limit"
    )


def _request_id(response: Response) -> str:
    for name, label in (
        ("x-request-id", "Request ID"),
        ("x-amzn-trace-id", "Amzn Trace ID"),
        ("x-amz-cf-id", "Amz CF ID"),
    ):
        if found := response.headers.get(name):
            return f" ({label}: {found})"
    return ""


def server_message(response: Response) -> str | None:
    """What the server said about the error, from the headers and the body."""
    said: list[str] = []
    if header := response.headers.get("x-error-message"):
        said.append(header)
    if response.content:
        said.extend(_said_in_body(response))
    lines = dict.fromkeys(line for text in said if (line := text.strip()))
    return _plain("\n".join(lines)) or None


def _plain(text: str) -> str:
    """``text`` without what makes a terminal do things."""
    return _CONTROL.sub("?", text.replace("\r\n", "\n"))


def _said_in_body(response: Response) -> list[str]:
    try:
        data: Any = response.json()
    except ValueError:
        is_page = "html" in response.headers.get("content-type", "").lower()
        return [] if is_page else [response.text[:2000]]
    if not isinstance(data, dict):
        return []
    error, description = data.get("error"), data.get("error_description")
    said: list[str] = []
    if isinstance(error, list):
        said.extend(str(part) for part in error)
    elif error is not None:
        said.append(f"{error}: {description}" if description is not None else str(error))
    elif description is not None:
        said.append(str(description))
    errors = data.get("errors")
    if isinstance(errors, list):
        said.extend(
            str(part["message"]) for part in errors if isinstance(part, dict) and "message" in part
        )
    return said

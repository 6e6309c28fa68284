"""Answers that are to be JSON of a certain kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.errors import HubConnectionError
from hfhub.http.address import shown

if TYPE_CHECKING:
    from hfhub.http.response import Response


def json_of(response: Response) -> Any:
    """The JSON of ``response``.

    Raises:
        HubConnectionError: if it is none, as from a captive portal or a proxy's page.
    """
    try:
        return response.json()
    except ValueError as error:
        raise HubConnectionError(
            shown(response.url), f"the answer is not JSON ({error}); is it a Hub?"
        ) from error


def table_of(response: Response) -> dict[str, Any]:
    """The JSON object of ``response``.

    Raises:
        HubConnectionError: if it is none.
    """
    data = json_of(response)
    if not isinstance(data, dict):
        raise HubConnectionError(shown(response.url), f"an object was expected, not {_kind(data)}")
    return data


def list_of(response: Response) -> list[Any]:
    """The JSON list of ``response``.

    Raises:
        HubConnectionError: if it is none.
    """
    data = json_of(response)
    if not isinstance(data, list):
        raise HubConnectionError(shown(response.url), f"a list was expected, not {_kind(data)}")
    return data


def _kind(data: object) -> str:
    return "an object" if isinstance(data, dict) else type(data).__name__

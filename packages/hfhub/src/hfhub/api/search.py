"""Finding models, datasets and Spaces."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from hfhub.errors import HubConnectionError
from hfhub.models.repos import DatasetInfo, ModelInfo, SpaceInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hfhub.http import Client

Words = str | list[str] | None
# The peer's names and the Hub's.
_SORTS = {
    "last_modified": "lastModified",
    "trending_score": "trendingScore",
    "created_at": "createdAt",
}


def find_models(
    client: Client, query: Mapping[str, Any], limit: int | None = None
) -> Iterator[ModelInfo]:
    """The models that ``query`` finds, page after page as they are consumed."""
    return map(ModelInfo.from_api, _find(client, "models", query, limit))


def find_datasets(
    client: Client, query: Mapping[str, Any], limit: int | None = None
) -> Iterator[DatasetInfo]:
    """The datasets that ``query`` finds, page after page as they are consumed."""
    return map(DatasetInfo.from_api, _find(client, "datasets", query, limit))


def find_spaces(
    client: Client, query: Mapping[str, Any], limit: int | None = None
) -> Iterator[SpaceInfo]:
    """The Spaces that ``query`` finds, page after page as they are consumed."""
    return map(SpaceInfo.from_api, _find(client, "spaces", query, limit))


def _find(
    client: Client, kind: str, query: Mapping[str, Any], limit: int | None
) -> Iterator[dict[str, Any]]:
    rows = client.paginate(f"api/{kind}", params={**query, "limit": limit})
    # The limit also sets the size of a page, so that there may be a next one: it is not asked for.
    for row in islice(rows, limit):
        if not isinstance(row, dict):
            raise HubConnectionError(
                f"the listing of {kind}", f"an object was expected, not {type(row).__name__}"
            )
        yield row


def sort_name(sort: str | None) -> str | None:
    """What the Hub calls the order ``sort``."""
    return None if sort is None else _SORTS.get(sort, sort)


def words(value: str | Iterable[str] | None) -> list[str]:
    """``value`` as a list."""
    if not value:
        return []
    return [value] if isinstance(value, str) else list(value)


def tagged(prefix: str, value: str | Iterable[str] | None) -> list[str]:
    """``value`` as tags of one kind, such as ``language:en``."""
    return [word if word.startswith(f"{prefix}:") else f"{prefix}:{word}" for word in words(value)]


def emits_within(model: ModelInfo, low: float | None, high: float | None) -> bool:
    """Whether the card's CO2 emissions, in grams, lie between ``low`` and ``high``."""
    stated = None if model.card_data is None else model.card_data.get("co2_eq_emissions")
    if isinstance(stated, dict):
        stated = stated.get("emissions")
    if isinstance(stated, str):
        digits = "".join(char for char in stated.partition("g")[0] if char in "0123456789.")
        try:
            stated = float(digits)
        except ValueError:
            return False
    if not isinstance(stated, (int, float)):
        return False
    return (low is None or stated >= low) and (high is None or stated <= high)

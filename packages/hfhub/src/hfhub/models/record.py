"""What every answer of the Hub is read into."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Record:
    """A frozen dataclass that keeps in ``extra`` what the Hub said and we have no field for.

    Fields, and the names in ``extra``, are read as attributes or as items.
    """

    __slots__ = ()

    extra: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name != "extra" and not name.startswith("__") and name in self.extra:
            return self.extra[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __getitem__(self, name: str) -> Any:
        try:
            return getattr(self, name)
        except AttributeError:
            raise KeyError(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        """The field ``name``, or ``default`` if there is none."""
        return getattr(self, name, default)


class Draft:
    """An answer while it is read: what is taken out has a field, what is left is extra."""

    __slots__ = ("_left",)

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._left = dict(data)

    def any(self, *names: str) -> Any:
        """The first of ``names`` that is there and not null; all of them are taken out."""
        found = None
        for name in names:
            value = self._left.pop(name, None)
            found = value if found is None else found
        return found

    def text(self, *names: str) -> str | None:
        """As `any`, if it is a string."""
        value = self.any(*names)
        return value if isinstance(value, str) else None

    def number(self, *names: str) -> int | None:
        """As `any`, if it is a whole number."""
        value = self.any(*names)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, *names: str) -> bool | None:
        """As `any`, if it is true or false."""
        value = self.any(*names)
        return value if isinstance(value, bool) else None

    def texts(self, *names: str) -> list[str] | None:
        """As `any`, if it is a list; what is no string in it is left out."""
        value = self.any(*names)
        return [x for x in value if isinstance(x, str)] if isinstance(value, list) else None

    def table(self, *names: str) -> dict[str, Any] | None:
        """As `any`, if it is an object."""
        value = self.any(*names)
        return value if isinstance(value, dict) else None

    def time(self, *names: str) -> datetime | None:
        """As `any`, if it is a date."""
        return parse_datetime(self.any(*names))

    @property
    def rest(self) -> dict[str, Any]:
        """What was not taken out."""
        return self._left


def parse_datetime(text: object) -> datetime | None:
    """The moment that ``text`` names, in UTC; None for anything else.

    >>> parse_datetime("2022-08-19T07:19:38.123Z")
    datetime.datetime(2022, 8, 19, 7, 19, 38, 123000, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

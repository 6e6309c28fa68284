"""The formats, by name; each is a module of this package, imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.formats.base import Format

#: Format name -> module in this package that holds it as ``FORMAT``.
FORMATS: Mapping[str, str] = {
    "arrow": "arrow",
    "audiofolder": "audiofolder",
    "csv": "csv",
    "imagefolder": "imagefolder",
    "json": "json",
    "pandas": "pandas",
    "parquet": "parquet",
    "text": "text",
    "videofolder": "videofolder",
    "webdataset": "webdataset",
    "xml": "xml",
}


def get_format(name: str) -> Format:
    """The format called ``name``.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise ValueError(f"there is no format {name!r}; the formats are: {known}")
    found: Any = import_module(f"{__name__}.{FORMATS[name]}").FORMAT
    return found  # type: ignore[no-any-return] # a module's attribute, checked by its own tests

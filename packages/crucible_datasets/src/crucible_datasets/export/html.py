"""The first rows as an HTML table, images as thumbnails."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

from crucible_datasets.table.rows import rows_of

if TYPE_CHECKING:
    from crucible_datasets.dataset.base import BaseDataset

ROWS = 5
CHARACTERS = 120
PIXELS = 96


def table_html(ds: BaseDataset) -> str:
    """The first rows of a dataset, with the types of its columns."""
    heads = "".join(
        f"<th>{escape(name)}<br><small>{escape(str(feature))}</small></th>"
        for name, feature in ds.features.items()
    )
    lines = []
    for batch in ds.table.batches(ROWS, stop=ROWS):
        for row in rows_of(batch):
            shown = ds.features.decode_example(row)
            lines.append("<tr>" + "".join(f"<td>{_cell(v)}</td>" for v in shown.values()) + "</tr>")
    count = f"{ds.num_rows:,} rows &times; {ds.num_columns} columns"
    return (
        f"<table><caption>{count}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _cell(value: Any) -> str:
    if type(value).__module__.startswith("PIL."):
        return _thumbnail(value)
    text = str(value)
    if len(text) > CHARACTERS:
        text = f"{text[:CHARACTERS]}…"
    return escape(text)


def _thumbnail(image: Any) -> str:
    small = image.convert("RGB")
    small.thumbnail((PIXELS, PIXELS))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="" src="data:image/png;base64,{data}">'

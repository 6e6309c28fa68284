"""A picture that can't be decoded is named by its row in the dataset, however it is read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image as Pictures

from crucible_datasets import Dataset, Features, Image
from crucible_datasets.exceptions import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable

BROKEN, ROWS = 170, 200


def width(row: Any) -> dict[str, int]:
    return {"width": row["image"].width}


READS: dict[str, Callable[[Dataset], Any]] = {
    "row": lambda ds: ds[BROKEN],
    "negative row": lambda ds: ds[BROKEN - ROWS],
    "slice": lambda ds: ds[165:180],
    "positions": lambda ds: ds[[1, BROKEN]],
    "column": lambda ds: list(ds["image"]),
    "slice of a column": lambda ds: ds["image"][165:180],
    "rows": list,
    "batches": lambda ds: list(ds.iter(50)),
    "arrays": lambda ds: ds.with_format("numpy")[165:180],
    "map": lambda ds: ds.map(width),
    "map in two processes": lambda ds: ds.map(width, num_proc=2),
    "map by batch": lambda ds: ds.map(lambda b: {"n": [i.width for i in b["image"]]}, batched=True),
    "filter": lambda ds: ds.filter(lambda row: row["image"].width > 1),
}


@pytest.mark.parametrize("read", READS)
def test_the_row_is_the_one_of_the_dataset(read: str) -> None:
    data = io.BytesIO()
    Pictures.new("RGB", (4, 4)).save(data, "PNG")
    stored = [
        {"bytes": b"no picture" if i == BROKEN else data.getvalue(), "path": None}
        for i in range(ROWS)
    ]
    ds = Dataset.from_dict({"image": stored}, features=Features({"image": Image()}))

    with pytest.raises(MediaError) as found:
        READS[read](ds)
    assert (found.value.row, found.value.column) == (BROKEN, "image")

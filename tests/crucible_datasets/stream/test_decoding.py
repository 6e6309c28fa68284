"""Images of a stream: decoded ahead, in order, and exactly once."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any

import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.errors import MediaError
from crucible_datasets.media.decode import decode_numbered
from crucible_datasets.schema import Features, Image, Value
from crucible_datasets.stream import IterableDataset

FEATURES = Features({"n": Value("int64"), "image": Image()})


def row(n: int) -> dict[str, Any]:
    out = io.BytesIO()
    PIL.Image.new("L", (1 + n % 7, 3), n % 256).save(out, "PNG")
    return {"n": n, "image": {"bytes": out.getvalue(), "path": None}}


@pytest.fixture
def stream(tmp_path: Any) -> IterableDataset:
    """300 images in row groups of 20."""
    table = pa.Table.from_pylist([row(n) for n in range(300)], schema=FEATURES.arrow_schema)
    pq.write_table(table, tmp_path / "images.parquet", row_group_size=20)
    return IterableDataset.from_parquet(str(tmp_path / "images.parquet"))


def seen(rows: Any) -> list[tuple[int, int]]:
    return [(row["n"], row["image"].getpixel((0, 0))) for row in rows]


@pytest.mark.parametrize("threads", [None, 0, 1, 5])
def test_images_come_in_order_however_many_threads_decode(
    stream: IterableDataset, threads: int | None
) -> None:
    assert seen(stream.decode(num_threads=threads)) == [(n, n % 256) for n in range(300)]


@pytest.mark.parametrize("threads", [0, 1])
def test_as_many_threads_decode_as_are_asked_for(
    stream: IterableDataset, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = set()
    real = PIL.Image.open

    def noted(*arguments: Any) -> Any:
        names.add(threading.current_thread().name)
        return real(*arguments)

    monkeypatch.setattr(PIL.Image, "open", noted)
    seen(stream.decode(num_threads=threads))

    assert names == ({"crucible-decode_0"} if threads else {threading.current_thread().name})


@pytest.mark.parametrize("place", [1, 19, 20, 21, 157, 300])
def test_a_stream_of_images_goes_on_exactly(stream: IterableDataset, place: int) -> None:
    rows = iter(stream)
    before = seen(islice(rows, place))
    state = json.loads(json.dumps(stream.state_dict()))
    rows.close()
    stream.load_state_dict(state)

    assert before + seen(stream) == [(n, n % 256) for n in range(300)]


def test_rows_before_one_that_cannot_be_read_are_given_first() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from (row(n) for n in range(30))
        raise ConnectionError("cut")

    given = []
    with pytest.raises(ConnectionError, match="cut"):
        for number, _ in decode_numbered(FEATURES, rows()):
            given.append(number)

    assert given == list(range(30))


def test_a_damaged_image_is_named_by_its_row_and_file(tmp_path: Any) -> None:
    rows = [row(n) for n in range(50)]
    rows[33]["image"]["bytes"] = b"no picture"
    path = tmp_path / "images.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=FEATURES.arrow_schema), path, row_group_size=8)
    given: list[int] = []

    with pytest.raises(MediaError) as refused:
        given.extend(found["n"] for found in IterableDataset.from_parquet(str(path)))

    assert given == list(range(33))
    assert refused.value.row == 33
    assert any("row 33" in note and str(path) in note for note in refused.value.__notes__)

"""The chat rows that every benchmark of datasets reads: seeded, so that everybody has the same.

python -m benchmarks data_chat FOLDER [--rows 1000000] [--json-rows 100000]

Each row has ``id``, ``prompt`` (about 200 characters), ``messages`` (2 to 4 dicts of ``role`` and
``content``, about 600 characters together), ``score`` and ``label``. They lie in 8 Parquet files
with row groups of 10,000 and ``huggingface`` metadata; the first of them also as JSON lines, plain
and compressed.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Numbers = npt.NDArray[Any]

FILES = 8
GROUP = 10_000
LABELS = ["math", "code", "chat", "science", "law"]
TEXT_WORDS = 1_000_000

TEXT = {"dtype": "string", "_type": "Value"}
FEATURES = {
    "id": {"dtype": "int64", "_type": "Value"},
    "prompt": TEXT,
    "messages": {"feature": {"role": TEXT, "content": TEXT}, "_type": "List"},
    "score": {"dtype": "float64", "_type": "Value"},
    "label": TEXT,
}
METADATA = {"huggingface": json.dumps({"info": {"features": FEATURES}})}


class Writer:
    """Texts of about a wanted length: consecutive pieces of one long text of random words."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator
        letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", dtype="S1")
        sizes = generator.integers(2, 11, 4000)
        words = [generator.choice(letters, size=n).tobytes().decode() for n in sizes]
        self.text = " ".join(generator.choice(words, size=TEXT_WORDS)).encode()

    def texts(self, count: int, mean: int) -> pa.Array:
        """``count`` texts of about ``mean`` characters."""
        sizes = self.generator.integers(mean // 2, mean * 3 // 2, count)
        total = int(sizes.sum())
        start = int(self.generator.integers(0, len(self.text)))
        rest = self.text[start:]
        data = (rest + self.text * (total // len(self.text) + 1))[:total]
        return strings(ends_of(sizes), data)


def ends_of(sizes: Numbers) -> Numbers:
    """Where each piece begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)


def strings(ends: Numbers, data: bytes) -> pa.Array:
    """Pieces of ASCII text as an Arrow array."""
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
    return pa.StringArray.from_buffers(len(ends) - 1, *buffers[1:], buffers[0])


def chosen(names: list[str], places: Numbers) -> pa.Array:
    """One of a few names for each place."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), names).cast("string")


def file_batches(writer: Writer, start: int, stop: int) -> Iterator[pa.RecordBatch]:
    """The rows of one file, a row group at a time."""
    generator = writer.generator
    for first in range(start, stop, GROUP):
        count = min(GROUP, stop - first)
        turns = generator.integers(2, 5, count)
        ends = ends_of(turns)
        contents = writer.texts(int(turns.sum()), 200)
        turn = np.arange(len(contents)) - np.repeat(ends[:-1], turns)
        messages = pa.StructArray.from_arrays(
            [chosen(["user", "assistant"], turn % 2), contents], names=["role", "content"]
        )
        columns = [
            pa.array(np.arange(first, first + count)),
            writer.texts(count, 200),
            pa.ListArray.from_arrays(pa.array(ends), messages),
            pa.array(generator.random(count)),
            chosen(LABELS, generator.integers(0, len(LABELS), count)),
        ]
        yield pa.RecordBatch.from_arrays(columns, names=list(FEATURES))


def make(folder: Path, rows: int = 1_000_000, json_rows: int = 100_000, seed: int = 7) -> Path:
    """Write the files, if they are not there; the folder."""
    done = folder / f"done-2-{rows}-{json_rows}-{seed}"
    if done.exists():
        return folder
    (folder / "parquet").mkdir(parents=True, exist_ok=True)
    writer = Writer(np.random.default_rng(seed))
    written = 0
    with open(folder / "chat.jsonl", "wb") as lines:
        for index in range(FILES):
            span = rows * index // FILES, rows * (index + 1) // FILES
            parquet: pq.ParquetWriter | None = None
            for batch in file_batches(writer, *span):
                schema = batch.schema.with_metadata(METADATA)
                if parquet is None:
                    name = f"train-{index:05d}-of-{FILES:05d}.parquet"
                    parquet = pq.ParquetWriter(folder / "parquet" / name, schema)
                parquet.write_batch(batch.replace_schema_metadata(METADATA), row_group_size=GROUP)
                if written < json_rows:
                    first = batch.slice(0, json_rows - written).to_pylist()
                    lines.write(b"".join([orjson.dumps(row) + b"\n" for row in first]))
                written += batch.num_rows
            if parquet is not None:
                parquet.close()
    compressed(folder / "chat.jsonl")
    done.touch()
    return folder


def compressed(path: Path) -> None:
    """The same file with gzip and Zstandard."""
    try:
        from compression import zstd
    except ImportError:
        from backports import zstd
    plain = path.read_bytes()
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(plain, 6, mtime=0))
    path.with_name(path.name + ".zst").write_bytes(zstd.compress(plain))


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json-rows", type=int, default=100_000)
    arguments = parser.parse_args(argv)
    make(arguments.folder, arguments.rows, arguments.json_rows)

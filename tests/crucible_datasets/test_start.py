from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("pandas", "polars", "torch", "numpy.ma", "datasets", "importlib.metadata", "sqlite3")
PROGRAM = """
import sys
from crucible_datasets import load_dataset
ds = load_dataset({kind!r}, data_files={path!r}, split="train", streaming={streaming})
row = next(iter(ds)) if {streaming} else ds[0]
assert row == {{"a": 1}}, row
print(*[name for name in {heavy} if name in sys.modules])
"""


@pytest.mark.parametrize("streaming", [False, True], ids=["map-style", "stream"])
@pytest.mark.parametrize("kind", ["parquet", "json"])
def test_a_first_row_loads_nothing_heavy(tmp_path: Path, kind: str, streaming: bool) -> None:
    path = tmp_path / f"rows.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({"a": list(range(1, 4))}), path)
    else:
        path.write_text('{"a": 1}\n{"a": 2}\n')
    program = PROGRAM.format(kind=kind, path=str(path), streaming=streaming, heavy=HEAVY)

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []

"""Exports of rows that lie in files: the same whether the rows are held, are being held, or can't be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets import settings
from crucible_datasets.dataset.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = 6000  # as many rows as are written through Polars
ROWS = pa.table(
    {
        "n": range(COUNT),
        "label": ["odd" if i % 2 else "even" for i in range(COUNT)],
        "score": [(i * 7919) % 1000 / 8 for i in range(COUNT)],
        "chat": [[{"role": "user", "content": f"ü {i}"}] * (i % 3) for i in range(COUNT)],
    }
)


def parquet(ds: Dataset, folder: Path) -> bytes:
    ds.to_parquet(folder / "rows.parquet")
    return (folder / "rows.parquet").read_bytes()


def lines(ds: Dataset, folder: Path) -> bytes:
    ds.to_json(folder / "rows.jsonl")
    return (folder / "rows.jsonl").read_bytes()


def saved(ds: Dataset, folder: Path) -> Any:
    ds.save_to_disk(folder / "saved", num_shards=2)
    return Dataset.load_from_disk(folder / "saved").to_dict()


EXPORTS: dict[str, Callable[[Dataset, Path], Any]] = {
    "to_parquet": parquet,
    "to_json": lines,
    "save_to_disk": saved,
    "to_polars": lambda ds, folder: ds.to_polars().to_dicts(),  # type: ignore[union-attr]
    "to_pandas": lambda ds, folder: ds.to_pandas().astype(str).to_dict("list"),  # type: ignore[union-attr]
    "unique": lambda ds, folder: ds.unique("label"),
    "sort": lambda ds, folder: ds.sort("score")["n"][:],
    "sql": lambda ds, folder: ds.sql("select sum(n) as s, label from self group by label").sort(
        "label"
    )[:],
    "lazy": lambda ds, folder: ds.lazy().collect().to_dicts(),
}


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"{i}.parquet" for i in range(4)]
    for i, path in enumerate(paths):
        pq.write_table(ROWS.slice(i * 1500, 1500), path, row_group_size=700)
    return [str(path) for path in paths]


def opened(files: list[str]) -> Dataset:
    ds = Dataset.from_parquet(files)
    assert isinstance(ds, Dataset)
    return ds


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_are_the_same_the_second_time_and_beyond_the_budget(
    files: list[str], tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = EXPORTS[name]
    wanted = export(Dataset(ROWS), tmp_path)
    ds = opened(files)

    assert export(ds, tmp_path) == wanted
    assert export(ds, tmp_path) == wanted
    ds.to_polars()
    assert ds.table.resident
    assert export(ds, tmp_path) == wanted

    monkeypatch.setenv("CRUCIBLE_MEMORY_BUDGET", "1K")
    settings.reload()
    small = opened(files)
    assert export(small, tmp_path) == wanted
    assert not small.table.resident or small.table.cache_paths  # nothing but what is mapped


def test_exports_at_once_do_not_disturb_each_other(files: list[str], tmp_path: Path) -> None:
    ds = opened(files)
    names = [*EXPORTS] * 2
    folders = [tmp_path / str(index) for index in range(len(names))]
    for folder in folders:
        folder.mkdir()

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda name, folder: EXPORTS[name](ds, folder), names, folders))

    assert made[: len(EXPORTS)] == made[len(EXPORTS) :]
    assert made[: len(EXPORTS)] == [export(Dataset(ROWS), tmp_path) for export in EXPORTS.values()]


def test_a_frame_may_be_changed_without_changing_the_next(files: list[str]) -> None:
    ds = opened(files)
    frame: Any = ds.to_polars()
    frame[0, "n"] = -1
    frame.drop_in_place("label")

    assert ds.to_polars().to_dicts() == ROWS.to_pylist()  # type: ignore[union-attr]

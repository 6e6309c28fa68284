from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.dataset.dict import DatasetDict
from crucible_datasets.info import DatasetInfo
from crucible_datasets.load import load_from_disk
from crucible_datasets.schema import Array2D, ClassLabel, Features, Json, Value

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_comes_back_whole(ds: Dataset, tmp_path: Path) -> None:
    saved = ds.shuffle(seed=1).with_format("numpy", columns=["id"])
    saved.save_to_disk(tmp_path / "d", num_shards=3)

    loaded = Dataset.load_from_disk(tmp_path / "d")

    assert loaded.to_list() == saved.to_list()
    assert loaded.features == saved.features
    assert loaded.format == saved.format
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == [
        "data-00000-of-00003.arrow",
        "data-00001-of-00003.arrow",
        "data-00002-of-00003.arrow",
        "dataset_info.json",
        "state.json",
    ]


def test_the_peer_reads_our_folders(tmp_path: Path) -> None:
    import datasets as peer

    features = Features(
        {
            "label": ClassLabel(names=["a", "b"]),
            "json": Json(),
            "matrix": Array2D((2, 2), "int32"),
            "small": Value("int8"),
        }
    )
    rows = {
        "label": [0, 1],
        "json": [{"x": 1}, [1, "y"]],
        "matrix": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
        "small": [1, None],
    }
    info = DatasetInfo(description="what", license="mit", features=features)
    ours = Dataset.from_dict(rows, info=info, split="test")
    ours.save_to_disk(tmp_path / "d")

    theirs = peer.load_from_disk(str(tmp_path / "d"))

    assert theirs.to_list() == ours.to_list()
    assert str(theirs.features) == str(ours.features)
    assert (str(theirs.split), theirs.info.description) == ("test", "what")


def test_we_read_the_peers_folders(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    import datasets as peer

    theirs = peer.Dataset.from_list(rows, split="train").with_format("numpy", columns=["id"])
    theirs.save_to_disk(str(tmp_path / "d"), num_shards=2)

    ours = load_from_disk(tmp_path / "d")

    assert ours.to_list() == rows
    assert ours.format["columns"] == ["id"]
    assert str(ours.split) == "train"


def test_shards_are_as_small_as_wanted(ds: Dataset, tmp_path: Path) -> None:
    ds.save_to_disk(tmp_path / "d", max_shard_size=100)

    state = json.loads((tmp_path / "d" / "state.json").read_text())
    assert len(state["_data_files"]) > 3
    assert Dataset.load_from_disk(tmp_path / "d").to_list() == ds.to_list()


def test_a_dataset_does_not_overwrite_itself(ds: Dataset, tmp_path: Path) -> None:
    ds.save_to_disk(tmp_path / "d")

    with pytest.raises(PermissionError, match="another folder"):
        Dataset.load_from_disk(tmp_path / "d").save_to_disk(tmp_path / "d")


def test_fewer_shards_leave_no_old_ones(ds: Dataset, tmp_path: Path) -> None:
    ds.save_to_disk(tmp_path / "d", num_shards=4)
    ds.take(3).save_to_disk(tmp_path / "d", num_shards=1)

    assert len(list((tmp_path / "d").glob("*.arrow"))) == 1
    assert Dataset.load_from_disk(tmp_path / "d").to_list() == ds.take(3).to_list()


def test_splits_that_are_gone_are_gone_from_the_folder(ds: Dataset, tmp_path: Path) -> None:
    DatasetDict({"train": ds, "test": ds}).save_to_disk(tmp_path / "d")
    DatasetDict({"train": ds.take(2)}).save_to_disk(tmp_path / "d")

    loaded = load_from_disk(tmp_path / "d")

    assert isinstance(loaded, DatasetDict)
    assert loaded.num_rows == {"train": 2}


def test_a_folder_of_something_else_is_named(ds: Dataset, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"state\.json"):
        Dataset.load_from_disk(tmp_path)
    DatasetDict({"train": ds}).save_to_disk(tmp_path / "d")
    with pytest.raises(FileNotFoundError, match="DatasetDict"):
        Dataset.load_from_disk(tmp_path / "d")
    with pytest.raises(FileNotFoundError, match="neither"):
        load_from_disk(tmp_path)


def test_what_is_saved_is_mapped_and_maps_on(ds: Dataset, tmp_path: Path) -> None:
    ds.save_to_disk(tmp_path / "d", num_shards=2)
    loaded = Dataset.load_from_disk(tmp_path / "d")

    doubled = loaded.shuffle(seed=2).map(lambda row: {"n": row["id"] * 2}, num_proc=2)

    assert doubled["n"][:] == [2 * i for i in ds.shuffle(seed=2)["id"]]


@pytest.mark.parametrize(
    "options",
    [
        {"max_shard_size": 100},
        {"max_shard_size": 1500},
        {"max_shard_size": "1KB"},
        {"num_shards": 7},
        {"num_shards": 3, "num_proc": 2},
        {"num_proc": 2},
        {"max_shard_size": 20_000, "num_proc": 3},
    ],
    ids=str,
)
def test_files_are_as_many_as_the_peer_writes(tmp_path: Path, options: dict[str, Any]) -> None:
    import datasets as peer

    # The first rows are shorter than the others: what they take tells little of all.
    rows = [{"n": i, "s": "x" * (i // 10)} for i in range(400)]
    theirs = peer.Dataset.from_list(rows)
    sequential = {name: value for name, value in options.items() if name != "num_proc"}
    if "num_proc" in options and "num_shards" not in options:
        sequential = {"num_shards": options["num_proc"]}  # its processes take a second to start
    theirs.save_to_disk(str(tmp_path / "peer"), **sequential)

    Dataset.from_list(rows).save_to_disk(tmp_path / "ours", **options)

    def lengths(folder: str) -> dict[str, int]:
        files = sorted((tmp_path / folder).glob("*.arrow"))
        return {
            path.name: pa.ipc.open_stream(path.read_bytes()).read_all().num_rows for path in files
        }

    assert lengths("ours") == lengths("peer")
    assert Dataset.load_from_disk(tmp_path / "ours").to_list() == rows


@pytest.mark.parametrize("num_proc", [None, 3])
def test_files_that_are_scanned_are_saved_in_order(tmp_path: Path, num_proc: int | None) -> None:
    rows = pa.table({"n": range(5000), "s": [f"row {i}" for i in range(5000)]})
    pq.write_table(rows, tmp_path / "rows.parquet", row_group_size=700)
    ds = Dataset.from_parquet(str(tmp_path / "rows.parquet"))
    assert isinstance(ds, Dataset)

    for ours in (ds, ds.shuffle(seed=1), ds.select(range(100, 4000))):
        ours.save_to_disk(tmp_path / "d", num_shards=5, num_proc=num_proc)
        assert Dataset.load_from_disk(tmp_path / "d").to_dict() == ours.to_dict()


def test_a_file_that_can_not_be_written_ends_all_of_them(ds: Dataset, tmp_path: Path) -> None:
    (tmp_path / "d" / "data-00001-of-00003.arrow").mkdir(parents=True)

    with pytest.raises(OSError, match="data-00001"):
        ds.save_to_disk(tmp_path / "d", num_shards=3, num_proc=3)

    with pytest.raises(FileNotFoundError, match="not a saved dataset"):
        Dataset.load_from_disk(tmp_path / "d")

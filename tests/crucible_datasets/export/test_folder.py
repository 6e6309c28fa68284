from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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

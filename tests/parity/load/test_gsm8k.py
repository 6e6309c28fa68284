"""GSM8K's real rows, as Parquet and as JSON lines, streamed and not: equal, row by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.json
import pyarrow.parquet
import pytest

from crucible_datasets.load import load_dataset
from hfhub import settings
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[3].parent / "shared" / "data"
SPLITS = {"train": 7473, "test": 1319}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    if not DATA.is_dir():
        pytest.skip(f"the real rows are not there: {DATA}")
    folder = tmp_path_factory.mktemp("gsm8k")
    for split in SPLITS:
        table = pyarrow.json.read_json(DATA / f"gsm8k-{split}.jsonl")
        pyarrow.parquet.write_table(table, folder / f"{split}.parquet", row_group_size=1000)
    with LocalHub() as local:
        local.add("openai/gsm8k", {f"{s}-00000.parquet": folder / f"{s}.parquet" for s in SPLITS})
        local.add("lines/gsm8k", {f"{s}.jsonl": DATA / f"gsm8k-{s}.jsonl" for s in SPLITS})
        yield local


@pytest.mark.parametrize("streaming", [False, True], ids=["by position", "streamed"])
@pytest.mark.parametrize("repo", ["openai/gsm8k", "lines/gsm8k"])
def test_all_rows_come_back(hub: LocalHub, repo: str, streaming: bool, monkeypatch: Any) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    settings.reload()
    for split, count in SPLITS.items():
        with (DATA / f"gsm8k-{split}.jsonl").open() as file:
            expected = [json.loads(line) for line in file]
        found = list(load_dataset(repo, split=split, streaming=streaming))
        assert len(found) == count
        assert found == expected

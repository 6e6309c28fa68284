"""Loads with ``datasets`` and prints what came out; run by test_datasets.py."""

from __future__ import annotations

import json

from datasets import get_dataset_config_names, load_dataset

loaded = load_dataset("ann/parquet", "main")
lines = load_dataset("ann/lines", split="train")
result = {
    "splits": {name: split.num_rows for name, split in loaded.items()},
    "configs": get_dataset_config_names("ann/parquet"),
    "parquet": loaded["train"].to_list(),
    "jsonl": lines.to_list(),
    "streamed": list(load_dataset("ann/parquet", "main", split="train", streaming=True)),
    "streamed jsonl": list(load_dataset("ann/lines", split="train", streaming=True)),
}
print("\n" + json.dumps(result))

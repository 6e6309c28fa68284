"""Make the GSM8K excerpt that `crucible demo` serves, from the full JSON lines.

    python scripts/make_gsm8k_excerpt.py ../shared/data

The layout is that of openai/gsm8k on the Hub: one folder a configuration, one Parquet file a
split, and a README whose YAML names both. The excerpt holds the first 200 train and the first 50
test rows of the configuration `main`. GSM8K is MIT-licensed; its licence is copied beside the rows.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path("packages/crucible_datasets/src/crucible_datasets/examples/datasets/openai/gsm8k")
ROWS = {"train": 200, "test": 50}
FEATURES = {name: {"dtype": "string", "_type": "Value"} for name in ("question", "answer")}

README = """\
---
annotations_creators:
- crowdsourced
language:
- en
license:
- mit
multilinguality:
- monolingual
size_categories:
- n<1K
task_categories:
- text-generation
pretty_name: Grade School Math 8K (excerpt)
tags:
- math-word-problems
dataset_info:
- config_name: main
  features:
  - name: question
    dtype: string
  - name: answer
    dtype: string
  splits:
{splits}
  download_size: {download_size}
  dataset_size: {dataset_size}
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
---

# GSM8K, an excerpt

The first 200 train and the first 50 test rows of the configuration `main` of
[openai/gsm8k](https://huggingface.co/datasets/openai/gsm8k), in that repository's layout, for
demonstrations and tests without a network. Copyright (c) 2021 OpenAI, MIT licence: see `LICENSE`.
"""


def main(source: Path) -> None:
    """Write the excerpt of the rows in ``source`` to its place in the package."""
    schema = pa.schema(
        [("question", pa.string()), ("answer", pa.string())],
        metadata={"huggingface": json.dumps({"info": {"features": FEATURES}})},
    )
    (TARGET / "main").mkdir(parents=True, exist_ok=True)
    splits, download_size, dataset_size = [], 0, 0
    for split, count in ROWS.items():
        with (source / f"gsm8k-{split}.jsonl").open(encoding="utf-8") as lines:
            rows = [json.loads(line) for _, line in zip(range(count), lines, strict=False)]
        table = pa.Table.from_pylist(rows, schema=schema)
        path = TARGET / "main" / f"{split}-00000-of-00001.parquet"
        pq.write_table(table, path)
        splits.append(
            f"  - name: {split}\n    num_bytes: {table.nbytes}\n    num_examples: {count}"
        )
        download_size += path.stat().st_size
        dataset_size += table.nbytes
    (TARGET / "README.md").write_text(
        README.format(
            splits="\n".join(splits), download_size=download_size, dataset_size=dataset_size
        ),
        encoding="utf-8",
    )
    shutil.copyfile(source / "LICENSE.gsm8k", TARGET / "LICENSE")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

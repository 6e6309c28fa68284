"""Code as the recipes have it: run once with the real libraries and once with ours.

Prints one JSON line a step. The import lines are those of the recipes; `test_drop_in.py` decides
what `datasets` and `huggingface_hub` are.
"""

import json
import sys
from pathlib import Path

import datasets
import huggingface_hub
from datasets import Dataset, DatasetDict, IterableDataset, concatenate_datasets, load_dataset
from datasets.arrow_dataset import Column
from datasets.arrow_dataset import Dataset as SameDataset
from datasets.dataset_dict import DatasetDict as SameDict
from datasets.dataset_dict import IterableDatasetDict
from datasets.distributed import split_dataset_by_node
from datasets.exceptions import DatasetNotFoundError
from datasets.features import ClassLabel
from datasets.iterable_dataset import IterableDataset as SameStream
from datasets.utils import logging as said
from datasets.utils.logging import set_verbosity_error
from huggingface_hub import HfApi, errors, hf_hub_download, list_repo_files, snapshot_download
from huggingface_hub.utils import RepositoryNotFoundError

work = Path(sys.argv[1])


def say(step, value):
    print(json.dumps({step: value}, default=str))


BUILTIN = (ValueError, FileNotFoundError, IndexError, TypeError, KeyError, OSError, RuntimeError)


def failure(call):
    """The builtin errors that what ``call`` raises is an instance of."""
    try:
        call()
    except Exception as error:
        return sorted(kind.__name__ for kind in BUILTIN if isinstance(error, kind))
    return None


# --- loading
train = load_dataset("openai/gsm8k", name="main", split="train")
say("isinstance", [isinstance(train, Dataset), isinstance(train, IterableDataset)])
say("rows", [len(train), train[0], train[-1], train[1:3]])
say("features", [str(train.features["question"]), train.column_names])
both = load_dataset("openai/gsm8k", "main", trust_remote_code=True)
say("dict", [isinstance(both, DatasetDict), {k: len(v) for k, v in both.items()}])
say("configs", datasets.get_dataset_config_names("openai/gsm8k"))
say("data_files", load_dataset("me/files", data_files="sub/x.json", split="train").to_list())
say("preference", load_dataset("me/hh", split="test")[:])
say("bad split", failure(lambda: load_dataset("openai/gsm8k", "main", split="nope")))
say("bad config", failure(lambda: load_dataset("openai/gsm8k", "nope")))
say("no config", failure(lambda: load_dataset("openai/gsm8k")))
say("missing", failure(lambda: load_dataset("me/missing")))
say("gated", failure(lambda: load_dataset("me/gated")))

# --- modules
say("same", [SameDataset is Dataset, SameDict is DatasetDict, SameStream is IterableDataset])
say("column", [isinstance(train["answer"], Column), IterableDatasetDict.__name__])
set_verbosity_error()
say("verbosity", said.get_verbosity())

# --- rows
say("shuffle", train.shuffle(seed=0).select(range(5))["answer"][:])
say("take skip", [train.take(2).to_list(), len(train.skip(3)), len(train.skip(10**6))])
say("filter", len(train.filter(lambda row: len(row["question"]) < 60)))
say("rename", train.rename_column("question", "q").column_names)
say("select columns", train.select_columns(["answer"])[0])
say(
    "missing column", [failure(lambda: train["nope"]), failure(lambda: train.select_columns(["x"]))]
)
say("past the end", [failure(lambda: train[10**6]), failure(lambda: train.select([10**6]))])
say("column", [train["answer"][0], train["answer"][:2], len(train["answer"])])
made = Dataset.from_list([{"a": 1, "m": [{"role": "user", "content": "x"}]}, {"a": None, "m": []}])
say("from_list", [made.to_list(), str(made.features)])
say("from_dict", Dataset.from_dict({"x": [1, 2], "y": ["a", "b"]}).to_list())
say("concatenate", concatenate_datasets([made, Dataset.from_list([{"b": 2}])]).to_list())
mixed = datasets.interleave_datasets(
    [Dataset.from_dict({"x": list(range(k, k + 9))}) for k in (0, 100, 200)],
    probabilities=[0.5, 0.3, 0.2],
    seed=42,
    stopping_strategy="all_exhausted",
)
say("interleave", mixed["x"][:])
say("map", train.map(lambda row: {"n": len(row["question"])}).select(range(3))["n"][:])
say("batched", train.map(lambda b: {"n": [len(q) for q in b["question"]]}, batched=True)["n"][:5])
say("labels", load_dataset("me/labels", split="train").features["label"].int2str([0, 1]))
train.select(range(7)).save_to_disk(work / "saved")
say("from disk", datasets.load_from_disk(work / "saved").to_list())
say("bad disk", failure(lambda: datasets.load_from_disk(work / "nothing")))

# --- streams
stream = load_dataset("openai/gsm8k", "main", split="train", streaming=True)
say("stream", [isinstance(stream, IterableDataset), list(stream.take(2))])
shuffled = stream.shuffle(seed=7, buffer_size=20)
say("stream shuffle", [row["answer"] for row in shuffled.take(30)])
shuffled.set_epoch(1)
say("stream epoch", [row["answer"] for row in shuffled.take(30)])
say("again", [row["answer"] for row in shuffled.take(3)])
batches = list(stream.batch(batch_size=16, drop_last_batch=True))
say("batch", [len(batches), list(batches[0]), batches[0]["answer"][:2]])

say(
    "by node",
    [
        next(iter(split_dataset_by_node(train.select(range(10)), rank=1, world_size=3))),
        len(list(split_dataset_by_node(stream, rank=1, world_size=3))),
    ],
)
say("modules", [issubclass(DatasetNotFoundError, FileNotFoundError), str(ClassLabel(names=["a"]))])

# --- the Hub
path = hf_hub_download("me/files", "sub/x.json", repo_type="dataset", local_dir=work / "local")
say("download", [Path(path).relative_to(work).as_posix(), Path(path).read_text()])
folder = snapshot_download("me/model", allow_patterns=["*.json"])
say("snapshot", [Path(folder).parts[-2], sorted(p.name for p in Path(folder).iterdir())])
say("list", sorted(list_repo_files("me/files", repo_type="dataset")))
info = huggingface_hub.model_info("me/model", revision="main")
say("siblings", sorted(s.rfilename for s in info.siblings))
say("api", sorted(HfApi(token="hf_ann").list_repo_files("me/model")))
say("whoami", HfApi(token="hf_ann").whoami()["name"])
with huggingface_hub.HfFileSystem(token=None).open("datasets/me/files@main/sub/x.json", "rb") as f:
    say("filesystem", f.read(5).decode())
say(
    "errors",
    [
        failure(lambda: hf_hub_download("me/model", "nope.json")),
        failure(lambda: hf_hub_download("me/nothing", "x")),
        failure(lambda: hf_hub_download("me/model", "config.json", revision="nope")),
        failure(lambda: hf_hub_download("me/gated", "train.jsonl", repo_type="dataset")),
    ],
)
try:
    hf_hub_download("me/nothing", "x")
except RepositoryNotFoundError as error:
    say("caught", [isinstance(error, errors.HfHubHTTPError), isinstance(error, OSError)])
say("attributes", [datasets.logging.ERROR, huggingface_hub.errors is errors])
card = huggingface_hub.ModelCard.from_template(
    huggingface_hub.ModelCardData(base_model="a/b", library_name="peft", tags=["x"], license="mit"),
    template_str="---\n{{ card_data }}\n---\n# {{ title }}\n",
    title="T",
)
say("card", str(card))

"""Files of a dataset stay while the process that reads them lives."""

from __future__ import annotations

import subprocess
import sys

from hfhub.local_hub import LocalHub

READER = """
import sys
from crucible_datasets import load_dataset
held = load_dataset("me/held", split="train")
print("loaded", flush=True)
sys.stdin.readline()
print(len(held.to_list()), flush=True)
"""
FILLER = """
import hfhub
for n in range(8):
    hfhub.hf_hub_download("me/filler", f"{n}.bin", repo_type="dataset")
"""


def test_another_process_at_the_cap_does_not_evict_what_is_still_to_be_read(
    local_hub: LocalHub, tmp_path
) -> None:
    rows = "".join(f'{{"n": {n}, "text": "{"x" * 1000}"}}\n' for n in range(400))
    local_hub.add("me/held", {"train.jsonl": rows})
    local_hub.add("me/filler", {f"{n}.bin": bytes([n]) * 300_000 for n in range(8)})
    env = local_hub.env(tmp_path / "home") | {"HFHUB_CACHE_MAX_SIZE": "1MB"}
    with subprocess.Popen(
        [sys.executable, "-c", READER],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "loaded\n"
        subprocess.run([sys.executable, "-c", FILLER], env=env, check=True)
        cache = tmp_path / "home" / "hub"
        assert len(list(cache.glob("datasets--me--filler/blobs/*"))) < 3, "the cap did not bind"
        assert len(list(cache.glob("datasets--me--held/blobs/*"))) == 1, "the rows are gone"
        out, _ = reader.communicate("go\n")
    assert out == "400\n"

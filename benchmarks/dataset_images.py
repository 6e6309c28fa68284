"""Images decoded while a dataset is iterated, ours beside ``datasets``.

python -m benchmarks dataset_images [--rows 2000] [--rounds 3] [--write]

JPEG files of 512 x 384 pixels of noise and gradients, their bytes in memory. Wanted: 1.6 x the peer
on two cores.
"""

from __future__ import annotations

import argparse
import io
import time
from typing import Any

import numpy as np

from benchmarks.page import Page

PACKAGES = ("crucible-datasets", "datasets", "pillow")


def pictures(count: int) -> list[dict[str, Any]]:
    """JPEG files, all different."""
    from PIL import Image

    generator = np.random.default_rng(3)
    across = np.linspace(0, 200, 512, dtype=np.float32)[None, :, None]
    made = []
    for index in range(count):
        noise = generator.integers(0, 55, (384, 512, 3), dtype=np.uint8)
        pixels = (noise + np.roll(across, index, axis=1)).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=80)
        made.append({"bytes": file.getvalue(), "path": None})
    return made


def seconds(ds: Any) -> float:
    """How long it takes to see every pixel once."""
    start = time.perf_counter()
    for row in ds:
        row["image"].load()
    return time.perf_counter() - start


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    arguments = parser.parse_args(argv)
    import datasets as peer

    import crucible_datasets as ours

    images = pictures(arguments.rows)
    made = {
        name: lib.Dataset.from_dict(
            {"image": images}, features=lib.Features({"image": lib.Image()})
        )
        for name, lib in (("ours", ours), ("peer", peer))
    }
    found: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(arguments.rounds):
        for name, ds in made.items():
            found[name].append(seconds(ds))
    best = {name: min(times) for name, times in found.items()}
    page = Page("dataset_images", f"Datasets: {arguments.rows:,} JPEG files decoded", *PACKAGES)
    for name, took in best.items():
        page.line(
            f"{name:<8}{took:>8.3f} s {arguments.rows / took:>8.0f} images/s "
            f"{best['peer'] / took:>6.2f} x the peer"
        )
    page.line("wanted: 1.6 x the peer on two cores")
    if arguments.write:
        page.write()

"""What code written for the peer finds under the names it knows."""

from __future__ import annotations

import subprocess
import sys

import crucible_datasets
from hfhub import progress


def test_the_older_names_switch_the_same_bars() -> None:
    crucible_datasets.disable_progress_bar()
    try:
        assert progress.are_progress_bars_disabled()
        assert not crucible_datasets.is_progress_bar_enabled()
        assert not crucible_datasets.utils.is_progress_bar_enabled()
    finally:
        crucible_datasets.enable_progress_bar()
    assert crucible_datasets.is_progress_bar_enabled()


def test_modules_of_the_peers_name_are_there_without_an_import_of_their_own() -> None:
    program = (
        "import crucible_datasets as datasets\n"
        "assert datasets.arrow_dataset.Dataset is datasets.Dataset\n"
        "assert datasets.dataset_dict.DatasetDict is datasets.DatasetDict\n"
        "assert datasets.iterable_dataset.IterableDataset is datasets.IterableDataset\n"
        "assert datasets.load.load_dataset is datasets.load_dataset\n"
        "datasets.utils.logging.set_verbosity_error()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

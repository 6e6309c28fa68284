"""The Parquet copy of a dataset, and the configurations and splits that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from hfhub.api.tree import list_files
from hfhub.models.viewer import DatasetParquetEntry

if TYPE_CHECKING:
    from hfhub.http import Client
    from hfhub.repo import RepoRef

REVISION = "refs/convert/parquet"


def list_parquet(
    client: Client, ref: RepoRef, config: str | None = None
) -> list[DatasetParquetEntry]:
    """The files of the Parquet copy that the Hub makes of a dataset.

    They are read from the listing of ``refs/convert/parquet``, so that it works with every
    endpoint, and comes with sizes.

    Args:
        client: who asks.
        ref: the dataset; its revision does not matter.
        config: only this configuration.

    Raises:
        RevisionNotFoundError: if the Hub made no copy of this dataset.
        RepositoryNotFoundError: if there is no such dataset for this token.
    """
    copy = ref.at(REVISION)
    found = []
    for file in list_files(client, copy):
        parts = file.path.split("/")
        if len(parts) == 3 and file.path.endswith(".parquet") and config in (None, parts[0]):
            # A dataset that is too large is copied in part, under another folder name.
            split = parts[1].removeprefix("partial-")
            url = f"{client.url(copy.url_path)}/resolve/{quote(REVISION, safe='')}"
            found.append(
                DatasetParquetEntry(parts[0], split, f"{url}/{quote(file.path)}", file.size)
            )
    return found


def dataset_configs(client: Client, ref: RepoRef) -> list[str]:
    """The configurations of the Parquet copy; raises as `list_parquet`."""
    return list(dict.fromkeys(entry.config for entry in list_parquet(client, ref)))


def dataset_splits(client: Client, ref: RepoRef, config: str | None = None) -> list[str]:
    """The splits of the Parquet copy, of all configurations or one; raises as `list_parquet`."""
    return list(dict.fromkeys(entry.split for entry in list_parquet(client, ref, config)))

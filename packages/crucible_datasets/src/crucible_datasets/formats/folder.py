"""Folders of images, sounds or videos: a row a file, with a label from its folder, or metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_datasets.formats.folder_metadata import MetadataScan, find_metadata
from crucible_datasets.formats.folder_rows import FolderScan, MediaKind, label_of
from crucible_datasets.schema import ClassLabel, Features

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crucible_datasets.formats.base import DataFile, Scan
    from crucible_datasets.schema.validate import Validation


@dataclass(frozen=True, slots=True)
class FolderFormat:
    """Files that are pictures, sounds or videos.

    Attributes:
        kind: what they are.
    """

    kind: MediaKind

    options = (
        "drop_labels",
        "drop_metadata",
        "metadata_filenames",
        "filters",
        "decode_num_threads",
    )
    by_tables = False
    typed = True
    #: Labels are those of all splits, so that they mean the same in each.
    schema_from_all = True

    @property
    def name(self) -> str:
        """What ``load_dataset`` calls it."""
        return f"{self.kind.column}folder"

    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> Scan:
        """The files as rows; see :meth:`scan_splits`."""
        return self.scan_splits({"": files}, features=features, options=options)[""]

    def scan_splits(
        self,
        splits: Mapping[str, Sequence[DataFile]],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> dict[str, Scan]:
        """One scan a split, a row for each media file or each line of the metadata files.

        Args:
            splits: split -> its files, in order; ``metadata.csv``, ``.jsonl`` or ``.parquet`` among
                them say more.
            features: the columns; found out by default.
            options: ``drop_labels`` (True: none; False: always; None: when the folders differ and
                lie equally deep), ``drop_metadata``, ``metadata_filenames``.

        Raises:
            ValueError: metadata files name no media file, or are in several formats.
            SchemaError: other columns are declared than there are, and ``validation`` minds it.
        """
        validation = options.get("validation")
        media = {
            split: [f for f in files if self.kind.is_one(f)] for split, files in splits.items()
        }
        if not options.get("drop_metadata"):
            metadata = find_metadata(splits, self.kind, options.get("metadata_filenames"))
            if metadata is not None:
                _compare(metadata.features, features, validation)
                return {
                    split: MetadataScan(metadata, split, media[split], features, validation)
                    for split in splits
                }
        labels = _labels([f for files in media.values() for f in files], options.get("drop_labels"))
        found = Features({self.kind.column: self.kind.feature()})
        if labels is not None:
            found["label"] = ClassLabel(names=labels)
        _compare(found, features, validation)
        return {
            split: FolderScan(files, features or found, self.kind, validation)
            for split, files in media.items()
        }


def _compare(found: Features, declared: Features | None, validation: Validation) -> None:
    """Refuse or note columns that are there and not declared, or the other way round."""
    if declared is not None and validation is not None:
        from crucible_datasets.schema.validate import Place, Validator

        Validator(declared, validation).compare(found.storage_schema, Place())


def _labels(files: Sequence[DataFile], drop: bool | None) -> list[str] | None:
    """The labels that the folders' names give, or None if they are no labels."""
    labels = sorted({label_of(file) for file in files})
    if drop is None:
        depths = {file.name.count("/") for file in files}
        drop = len(labels) < 2 or len(depths) > 1
    return None if drop else labels

"""Pickled pandas frames: refused, since unpickling runs whatever code the file names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema import Features


class PandasFormat:
    """What ``load_dataset("pandas", ...)`` would have to unpickle."""

    name = "pandas"
    extensions = ()
    options = ()
    by_tables = True
    typed = False

    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> NoReturn:
        """Refuse.

        Raises:
            ValueError: always.
        """
        del features, options
        raise ValueError(
            f"{files[0].name}: pickles are not loaded, because reading one runs whatever code it "
            "names. Write the frame with to_parquet() or to_json(), or make a "
            "Dataset.from_pandas(frame)"
        )

    def scan_splits(
        self,
        splits: Mapping[str, Sequence[DataFile]],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> NoReturn:
        """Refuse; see :meth:`scan`."""
        self.scan(next(iter(splits.values())), features=features, options=options)


FORMAT = PandasFormat()

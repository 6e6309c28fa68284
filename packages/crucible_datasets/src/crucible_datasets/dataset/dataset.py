"""``Dataset``: rows by position."""

from __future__ import annotations

from crucible_datasets.dataset.columns import ColumnVerbs
from crucible_datasets.dataset.exports import ExportVerbs
from crucible_datasets.dataset.formats import FormatVerbs
from crucible_datasets.dataset.rows import RowVerbs
from crucible_datasets.dataset.sources import Sources
from crucible_datasets.dataset.transforms import TransformVerbs

__all__ = ["Dataset"]


class Dataset(Sources, RowVerbs, ColumnVerbs, TransformVerbs, FormatVerbs, ExportVerbs):
    """A table whose rows are read when they are asked for.

    >>> ds = Dataset.from_dict({"text": ["a", "b", "c"], "label": [0, 1, 0]})
    >>> ds[1]
    {'text': 'b', 'label': 1}
    >>> ds.filter(lambda row: row["label"] == 0)["text"][:]
    ['a', 'c']

    Rows come out as dicts, or as :meth:`with_format` says. Methods give a new dataset and leave
    this one as it is; only those that ``datasets`` has in place, such as :meth:`set_format`, change
    it.
    """

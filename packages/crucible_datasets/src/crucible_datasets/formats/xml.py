"""XML: a row a file, its text as it is; nothing is parsed, so nothing can be expanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.formats.one_reader import ReaderScan
from crucible_datasets.formats.scan import FileFormat
from crucible_datasets.formats.text import TextReader
from crucible_datasets.schema import Features, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crucible_datasets.formats.base import DataFile


class XmlFormat(FileFormat):
    """Files that end in ``.xml``."""

    name = "xml"
    extensions = (".xml",)
    options = ("encoding", "encoding_errors")
    by_tables = True
    typed = False

    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> ReaderScan:
        """The texts of ``files``, in one column ``xml``.

        Args:
            files: XML files.
            features: one column, of any name; of more, the one that is called ``xml``.
            options: ``encoding``, ``encoding_errors``.
        """
        reader = TextReader(
            "document",
            keep_linebreaks=False,
            encoding=options.get("encoding") or "utf-8",
            errors=options.get("encoding_errors") or "strict",
            column="xml",
            validation=options.get("validation"),
        )
        columns = features or Features({"xml": Value("string")})
        return ReaderScan(files, columns, reader)


FORMAT = XmlFormat()

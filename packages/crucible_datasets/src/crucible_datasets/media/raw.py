"""``RawFile``: media that are declared, stored and read raw; decoding them is not there yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crucible_datasets.media.file_feature import FileFeature


class Undecoded(FileFeature):
    """A file whose decoding is not there yet; a subclass declares the fields, in the peer's order."""

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:  # noqa: ARG002
        """Not there yet: read with ``decode=False``.

        Raises:
            RuntimeError: if ``decode`` is False.
            NotImplementedError: otherwise, for a stored value.
        """
        self.must_decode()
        if not isinstance(value, dict):
            return value
        name = type(self).__name__
        raise NotImplementedError(
            f"decoding {name} is not there yet; read the raw bytes with {name}(decode=False)"
        )


@dataclass
class RawFile(Undecoded):
    """Such a file without options; a subclass says in ``dtype`` and ``kind`` what it is."""

    decode: bool = True
    id: str | None = field(default=None, repr=False)
    _type: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        self._type = type(self).__name__

"""A file or folder to write to: on this machine, or on a file system that fsspec knows."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_datasets.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; it becomes ``path`` when the block ends well.

    A process that is killed leaves a file of another name, which nobody reads.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:  # also on Ctrl-C: a half-written file must not stay
        part.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class Place:
    """A path, or a URL with the options of its file system.

    Attributes:
        path: as it was given.
        options: for the file system.
    """

    path: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Any, options: Mapping[str, Any] | None = None) -> Place:
        """The place that a path or URL names."""
        return cls(os.fspath(path), dict(options or {}))

    @property
    def local(self) -> Path | None:
        """The path on this machine; None for what lies elsewhere."""
        if "://" not in self.path:
            return Path(self.path).expanduser()
        if self.path.startswith("file://"):
            return Path(self.path.removeprefix("file://"))
        return None

    def child(self, name: str) -> Place:
        """What is called ``name`` in this folder."""
        return Place(
            f"{self.path.rstrip('/')}/{name}" if self.path != "/" else f"/{name}", self.options
        )

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """A file to write to; it is there, whole, when the block ends well."""
        local = self.local
        if local is None:
            with self._system().open(self.path, "wb") as file:
                yield file
            return
        with whole_file(local) as part, open(part, "wb") as file:
            yield file

    def write(self, data: bytes) -> None:
        """Write a small file, whole."""
        with self.writing() as file:
            file.write(data)

    def read(self) -> bytes:
        """The bytes of a small file.

        Raises:
            FileNotFoundError: there is no such file.
        """
        local = self.local
        if local is not None:
            return local.read_bytes()
        data: bytes = self._system().cat_file(self.path)
        return data

    def is_file(self) -> bool:
        """Whether there is such a file."""
        local = self.local
        return local.is_file() if local is not None else bool(self._system().isfile(self.path))

    def make_folder(self) -> None:
        """Make the folder, if it is not there."""
        local = self.local
        if local is not None:
            local.mkdir(parents=True, exist_ok=True)
        else:
            self._system().makedirs(self.path, exist_ok=True)

    def remove(self) -> None:
        """Remove the file, if it is there."""
        local = self.local
        if local is not None:
            local.unlink(missing_ok=True)
        elif self.is_file():
            self._system().rm(self.path)

    def names(self) -> list[str]:
        """What lies in the folder."""
        local = self.local
        if local is not None:
            return sorted(entry.name for entry in local.iterdir()) if local.is_dir() else []
        return sorted(
            path.rsplit("/", 1)[-1] for path in self._system().ls(self.path, detail=False)
        )

    def fetch(self, folder: Path) -> Path:
        """A copy of this folder on this machine, in ``folder``."""
        self._system().get(self.path, str(folder), recursive=True)
        return folder

    def _system(self) -> Any:
        try:
            import fsspec
        except ImportError as error:
            raise MissingExtraError(f"{self.path}", "fsspec", "fsspec") from error
        return fsspec.core.url_to_fs(self.path, **self.options)[0]

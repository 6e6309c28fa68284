"""``FileFeature``: what all features have in common whose value is a file."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from crucible_datasets.media.places import is_remote, read_bytes
from crucible_datasets.schema.value import Value

if TYPE_CHECKING:
    import pyarrow as pa


@lru_cache(maxsize=1)
def file_type() -> pa.DataType:
    """How a file is stored: its bytes, or the path where they are, or both."""
    import pyarrow as pa

    return pa.struct({"bytes": pa.binary(), "path": pa.string()})


class FileFeature:
    """A value that is a file, stored as ``{"bytes": ..., "path": ...}``.

    Attributes:
        kind: what the file is, in words, for messages.
        decode: whether readers get the decoded value.
    """

    kind: ClassVar[str] = "file"
    decode: bool

    @property
    def pa_type(self) -> pa.DataType:
        """The Arrow type: a struct of ``bytes`` and ``path``."""
        return file_type()

    def __call__(self) -> pa.DataType:
        """The Arrow type."""
        return file_type()

    def encode_example(self, value: Any) -> dict[str, Any]:
        """A path, bytes, ``{"bytes", "path"}`` or a decoded value as what is stored.

        Raises:
            ValueError: if neither bytes nor a path are given.
            TypeError: if the value is nothing of that kind.
        """
        if isinstance(value, str):
            return {"bytes": None, "path": value}
        if isinstance(value, Path):
            return {"bytes": None, "path": str(value.absolute())}
        if isinstance(value, (bytes, bytearray)):
            return {"bytes": bytes(value), "path": None}
        if isinstance(value, dict):
            return self._encode_dict(value)
        return self._encode_object(value)

    def _encode_dict(self, value: dict[str, Any]) -> dict[str, Any]:
        path, data = value.get("path"), value.get("bytes")
        if path is not None and os.path.isfile(path):  # a str, once a value
            return {"bytes": None, "path": path}  # the bytes need not be stored twice
        if path is None and data is None:
            raise ValueError(
                f"an {self.kind} value needs 'bytes' or 'path', but has the keys {sorted(value)}"
            )
        return {"bytes": data, "path": path}

    def _encode_object(self, value: Any) -> dict[str, Any]:
        raise TypeError(
            f"a {type(value).__name__} can't be stored as {self.kind}; "
            "give a path, bytes, or a dict with 'bytes' or 'path'"
        )

    def flatten(self) -> Any:
        """The feature itself, or its two columns with ``decode=False``."""
        if self.decode:
            return self
        return {"bytes": Value("binary"), "path": Value("string")}

    def stored(self, value: Any, token_per_repo_id: Any = None) -> tuple[str | None, bytes]:
        """The path and the bytes of a stored value; a path's bytes are read.

        Raises:
            ValueError: if it has neither.
            OSError: if the file can't be read.
        """
        path, data = value["path"], value["bytes"]
        if data is None:
            if path is None:
                raise ValueError(f"this {self.kind} value has neither 'bytes' nor 'path'")
            data = read_bytes(path, token_per_repo_id)
        return path, data

    def must_decode(self) -> None:
        """Refuse to decode with ``decode=False``.

        Raises:
            RuntimeError: then.
        """
        if not self.decode:
            name = type(self).__name__
            raise RuntimeError(f"this feature has decode=False; use {name}(decode=True) to decode")

    def cast_storage(self, storage: pa.Array) -> pa.Array:
        """An Arrow array of paths, of bytes, or of structs with either, as what is stored.

        Raises:
            TypeError: if it is nothing of that kind.
        """
        import pyarrow as pa

        from crucible_datasets.schema.cast import cast_array

        types, kind = pa.types, storage.type
        if types.is_dictionary(kind):
            return self.cast_storage(storage.dictionary_decode())
        if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
            return _build(None, storage.cast(pa.string()), storage)
        if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
            return _build(cast_array(storage, pa.binary()), None, storage)
        if types.is_struct(kind):
            return self._cast_struct(storage)
        return cast_array(storage, file_type())

    def _cast_struct(self, storage: pa.Array) -> pa.Array:
        import pyarrow as pa

        from crucible_datasets.schema.cast import cast_array

        # flatten() takes the struct's own nulls into account, field() does not
        parts = dict(zip([f.name for f in storage.type], storage.flatten(), strict=True))
        data, path = parts.get("bytes"), parts.get("path")
        return _build(
            None if data is None else cast_array(data, pa.binary()),
            None if path is None else cast_array(path, pa.string()),
            storage,
        )

    def embed_storage(
        self,
        storage: pa.Array,
        token_per_repo_id: Any = None,
        local_files: bool = True,
        remote_files: bool = True,
    ) -> pa.Array:
        """Stored values with the bytes of the files they point to; of paths the base name stays.

        Args:
            storage: the stored values.
            token_per_repo_id: repository id -> token, for links into the Hub.
            local_files: read local files.
            remote_files: read ``hf://`` and ``https://`` files.

        Raises:
            OSError: if a file can't be read.
        """
        import pyarrow as pa

        data, paths = [], []
        for value in storage.to_pylist():
            content = None if value is None else value["bytes"]
            path: Any = None if value is None else value["path"]
            wanted = path is not None and (remote_files if is_remote(path) else local_files)
            if wanted and content is None:
                content = read_bytes(path, token_per_repo_id)
            data.append(content)
            paths.append(os.path.basename(path) if wanted else path)
        return _build(pa.array(data, pa.binary()), pa.array(paths, pa.string()), storage)


def _build(data: pa.Array | None, path: pa.Array | None, like: pa.Array) -> pa.Array:
    """The struct array of bytes and paths, null where ``like`` is null."""
    import pyarrow as pa

    columns = [
        pa.nulls(len(like), pa.binary()) if data is None else data,
        pa.nulls(len(like), pa.string()) if path is None else path,
    ]
    return pa.StructArray.from_arrays(columns, ["bytes", "path"], mask=like.is_null())

"""Arrow tables and arrays cast to features.

What comes out has the storage types of the features (``Features.storage_schema``): no extension
types, which Polars and pyarrow's kernels do not know. :func:`with_extension_types` puts them on
when a file is written or a table is handed out.

Struct fields may come in any order and some may be missing (null); labels may come as names;
``Json`` and media take what their ``cast_storage`` takes; else the cast is pyarrow's safe one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets import compute as pc
from crucible_datasets.errors import CastError
from crucible_datasets.schema.arrow import arrow_type, storage_type
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.visit import requires_storage_cast, requires_storage_embed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crucible_datasets.schema.features import Features


def cast_table(table: pa.Table, features: Features, *, fill_missing: bool = False) -> pa.Table:
    """A table with the columns, order and storage types of ``features``, and their metadata.

    Args:
        table: any Arrow table; its columns may be in any order.
        features: what it should hold.
        fill_missing: columns that the table lacks become null; else that is an error.

    Raises:
        CastError: if the columns are not those of the features.
        TypeError: if a column's type can't become the feature's.
        ValueError: if a value can't (``pyarrow.ArrowInvalid`` is one, too).
    """
    names = table.column_names
    unknown = set(names) - set(features)
    twice = len(names) != len(set(names))
    if unknown or twice or (len(names) < len(features) and not fill_missing):
        raise CastError(names, list(features))
    schema = features.storage_schema
    columns = [
        cast_column(table.column(name), feature, schema.field(name).type)
        if name in names
        else pa.nulls(table.num_rows, schema.field(name).type)
        for name, feature in features.items()
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def cast_column(
    column: pa.ChunkedArray | pa.Array, feature: Any, target: pa.DataType | None = None
) -> pa.ChunkedArray | pa.Array:
    """A column, in chunks or not, as the feature's storage type.

    Args:
        column: the values.
        feature: what they should be.
        target: the feature's storage type where the caller has it already.

    Raises:
        TypeError: if the type can't become the feature's.
        ValueError: if a value can't.
    """
    if target is None:
        target = storage_type(arrow_type(feature))
    if column.type == target and not requires_storage_cast(feature):
        return column
    if not isinstance(column, pa.ChunkedArray):
        return cast_to_feature(column, feature)
    pieces = [piece for chunk in column.chunks for piece in _in_reach(chunk)]
    return pa.chunked_array([cast_to_feature(piece, feature) for piece in pieces], target)


def _in_reach(array: pa.Array) -> Iterator[pa.Array]:
    """An array in pieces of which each is in the reach of 32-bit offsets, where one row is."""
    if len(array) > 1 and array.nbytes >= 2**31:
        middle = len(array) // 2
        yield from _in_reach(array.slice(0, middle))
        yield from _in_reach(array.slice(middle))
    else:
        yield array


def cast_to_feature(array: pa.Array, feature: Any) -> pa.Array:
    """An array as the feature's storage type; see :func:`cast_column`."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if hasattr(feature, "cast_storage"):
        if pa.types.is_null(array.type):
            return array.cast(storage_type(feature()))
        return storage_of(feature.cast_storage(array))
    if isinstance(feature, dict):
        return _to_struct(array, feature)
    if isinstance(feature, (List, LargeList)):
        return _to_list(array, feature)
    if isinstance(feature, (list, tuple)):
        return _to_list(array, List(feature[0]))
    return cast_array(array, storage_type(feature()))


def _to_struct(array: pa.Array, feature: dict[str, Any]) -> pa.Array:
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), storage_type(arrow_type(feature)))
    if not pa.types.is_struct(array.type) or not {f.name for f in array.type} <= set(feature):
        raise _mismatch(array.type, feature)
    # flatten() makes the children of null structs null; what lies below them may be anything
    given = dict(zip([f.name for f in array.type], array.flatten(), strict=True))
    children = [
        cast_to_feature(given[name], inner)
        if name in given
        else pa.nulls(len(array), storage_type(arrow_type(inner)))
        for name, inner in feature.items()
    ]
    return _struct_of(children, list(feature), array)


def _struct_of(children: list[pa.Array], names: list[str], like: pa.Array) -> pa.Array:
    if not names:  # from_arrays would not know the length
        return pa.array([None if v is None else {} for v in like.to_pylist()], pa.struct([]))
    fields = [pa.field(name, child.type) for name, child in zip(names, children, strict=True)]
    mask = like.is_null() if like.null_count else None
    return pa.StructArray.from_arrays(children, fields=fields, mask=mask)


def _to_list(array: pa.Array, feature: List | LargeList) -> pa.Array:
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), storage_type(arrow_type(feature)))
    size = feature.length if isinstance(feature, List) else -1
    large = isinstance(feature, LargeList)
    made = rebuild_list(array, lambda values: cast_to_feature(values, feature.feature), large, size)
    if made is None:
        raise _mismatch(array.type, feature)
    return made


def cast_array(array: pa.Array, target: pa.DataType) -> pa.Array:
    """An array as another Arrow type; fields of structs may come in another order.

    Raises:
        TypeError: if the type can't become the other.
        ValueError: if a value can't (``pyarrow.ArrowInvalid``).
    """
    array, target, types = storage_of(array), storage_type(target), pa.types
    if array.type == target:
        return array
    if types.is_null(array.type):
        return pa.nulls(len(array), target)
    if types.is_struct(array.type):
        names = [field.name for field in array.type]
        if not types.is_struct(target) or set(names) != {field.name for field in target}:
            raise _mismatch(array.type, target)
        given = dict(zip(names, array.flatten(), strict=True))
        children = [cast_array(given[field.name], field.type) for field in target]
        return _struct_of(children, [field.name for field in target], array)
    if _is_listed(array.type):
        if not _is_listed(target):
            raise _mismatch(array.type, target)
        size = target.list_size if types.is_fixed_size_list(target) else -1
        made = rebuild_list(
            array,
            lambda values: cast_array(values, target.value_type),
            types.is_large_list(target),
            size,
        )
        if made is None:
            raise _mismatch(array.type, target)
        return made
    if types.is_null(target) or _is_listed(target) or types.is_struct(target):
        raise _mismatch(array.type, target)
    if types.is_dictionary(array.type):
        return cast_array(array.dictionary_decode(), target)
    try:
        return array.cast(target)
    except pa.ArrowNotImplementedError as error:
        raise _mismatch(array.type, target) from error


def rebuild_list(
    array: pa.Array, change: Callable[[pa.Array], pa.Array], large: bool, size: int
) -> pa.Array | None:
    """A list array of any kind with changed values, as another kind.

    Args:
        array: the lists.
        change: makes the new values of the old ones; called once, keeps the length.
        large: make 64-bit offsets.
        size: make lists of that fixed size, -1 for lists of any size.

    Returns:
        None if ``array`` has no lists, or one of them has not the fixed size.

    Raises:
        ValueError: if 32-bit offsets don't reach.
    """
    types = pa.types
    if types.is_map(array.type):
        pair = [pa.field("key", array.type.key_type), pa.field("value", array.type.item_type)]
        array = array.cast(pa.list_(pa.struct(pair)))
    elif types.is_list_view(array.type):
        array = array.cast(pa.list_(array.type.value_type))
    elif types.is_large_list_view(array.type):
        array = array.cast(pa.large_list(array.type.value_type))
    if not _is_listed(array.type):
        return None
    if size >= 0:
        return _fixed(array, change, size)
    if array.offset or array.null_count or types.is_fixed_size_list(array.type):
        # flatten() leaves out what lies before, behind and under null lists, which may be anything
        values, offsets = array.flatten(), _own_offsets(array)
    else:
        offsets, values = array.offsets, array.values
    offsets = offsets.cast(pa.int64() if large else pa.int32())
    return _listed(offsets, change(values), array, large=large)


def _own_offsets(array: pa.Array) -> pa.Array:
    """The 64-bit offsets of lists whose values are ``array.flatten()``.

    Made of buffers alone: given Python objects or asked for NumPy's, pyarrow imports pandas
    where it is installed, which takes longer than all of this.
    """
    import numpy as np

    count, start = len(array), array.offset
    if pa.types.is_fixed_size_list(array.type):
        sizes = np.full(count, array.type.list_size, np.int64)
    else:
        width = np.int64 if pa.types.is_large_list(array.type) else np.int32
        ends = np.frombuffer(array.buffers()[1], width)[start : start + count + 1]
        sizes = np.diff(ends).astype(np.int64)
    if array.null_count:
        bits = np.frombuffer(array.buffers()[0], np.uint8)
        sizes *= np.unpackbits(bits, bitorder="little")[start : start + count]
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return pa.Array.from_buffers(pa.int64(), count + 1, [None, pa.py_buffer(offsets)])


def _listed(
    offsets: pa.Array, values: pa.Array, like: pa.Array, *, large: bool = False
) -> pa.Array:
    make = pa.LargeListArray if large else pa.ListArray
    if like.null_count == 0:
        return make.from_arrays(offsets, values)
    return make.from_arrays(offsets, values, mask=like.is_null())


def _fixed(array: pa.Array, change: Callable[[pa.Array], pa.Array], size: int) -> pa.Array | None:
    import numpy as np

    if pa.types.is_fixed_size_list(array.type):
        if array.type.list_size != size:
            return None
        starts = (np.arange(len(array)) + array.offset) * size
        return _fixed_at(array, change, size, starts)
    if not pc.all(pc.equal(array.value_lengths(), size)).as_py() and array.null_count < len(array):
        return None
    return _fixed_at(array, change, size, np.asarray(array.offsets)[:-1])


def _fixed_at(
    array: pa.Array, change: Callable[[pa.Array], pa.Array], size: int, starts: Any
) -> pa.Array:
    """Lists of a fixed size, of which each starts somewhere in ``array.values``."""
    import numpy as np

    if array.null_count == 0:
        return pa.FixedSizeListArray.from_arrays(change(array.flatten()), size)
    # what lies under a null list may be anything, so it is made null
    places = (starts[:, None] + np.arange(size)).reshape(-1)
    nulls = np.repeat(np.asarray(array.is_null()), size)
    values = array.values.take(pa.array(places, mask=nulls))
    return pa.FixedSizeListArray.from_arrays(change(values), size, mask=array.is_null())


def storage_of(array: pa.Array) -> pa.Array:
    """An array without its extension types, nested ones included."""
    plain = storage_type(array.type)
    if array.type == plain:
        return array
    if isinstance(array, pa.ExtensionArray):
        return storage_of(array.storage)
    if pa.types.is_struct(array.type):
        names = [field.name for field in array.type]
        return _struct_of([storage_of(child) for child in array.flatten()], names, array)
    size = plain.list_size if pa.types.is_fixed_size_list(plain) else -1
    rebuilt = rebuild_list(array, storage_of, pa.types.is_large_list(plain), size)
    assert rebuilt is not None, array.type
    return rebuilt


def with_extension_types(table: pa.Table, features: Features) -> pa.Table:
    """A table of ours as ``Features.arrow_schema`` has it: ``Json`` and arrays as extension types.

    Args:
        table: columns of the storage types, in the order of the features.
        features: the features of the columns.
    """
    schema = features.arrow_schema
    columns = [
        pa.chunked_array([_wrapped(c, field.type) for c in table.column(i).chunks], field.type)
        for i, field in enumerate(schema)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _wrapped(array: pa.Array, target: pa.DataType) -> pa.Array:
    if array.type == target:
        return array
    if isinstance(target, pa.BaseExtensionType):
        return target.wrap_array(array)
    if pa.types.is_struct(target):
        children = [_wrapped(c, f.type) for c, f in zip(array.flatten(), target, strict=True)]
        return _struct_of(children, [field.name for field in target], array)
    size = target.list_size if pa.types.is_fixed_size_list(target) else -1
    made = rebuild_list(
        array,
        lambda values: _wrapped(values, target.value_type),
        pa.types.is_large_list(target),
        size,
    )
    assert made is not None, target
    return made


def embed_table(
    table: pa.Table,
    features: Features,
    token_per_repo_id: Any = None,
    *,
    local_files: bool = True,
    remote_files: bool = True,
) -> pa.Table:
    """A table with the bytes of the media files that it points to.

    Args:
        table: columns of the storage types.
        features: the features of the columns.
        token_per_repo_id: repository id -> token, for links into the Hub.
        local_files: read local files.
        remote_files: read links.

    Raises:
        OSError: if a file can't be read.
    """

    def embed(array: pa.Array, feature: Any) -> pa.Array:
        if not requires_storage_embed(feature):
            return array
        if hasattr(feature, "embed_storage"):
            return feature.embed_storage(
                array, token_per_repo_id, local_files=local_files, remote_files=remote_files
            )
        if isinstance(feature, dict):
            children = [embed(c, f) for c, f in zip(array.flatten(), feature.values(), strict=True)]
            return _struct_of(children, list(feature), array)
        size = feature.length if isinstance(feature, List) else -1
        if size < 0:
            array = pa.concat_arrays([array])  # only the files of these rows
        large = isinstance(feature, LargeList)
        return rebuild_list(array, lambda values: embed(values, feature.feature), large, size)

    if not (local_files or remote_files):
        return table
    columns = [
        pa.chunked_array(
            [embed(chunk, feature) for chunk in table.column(name).chunks],
            table.schema.field(name).type,
        )
        for name, feature in features.items()
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _is_listed(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_map(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )


def _mismatch(found: Any, wanted: Any) -> TypeError:
    return TypeError(f"an Arrow {_short(found)} can't become {_short(wanted)}")


def _short(value: Any, most: int = 1500) -> str:
    text = str(value)
    return text if len(text) <= most else f"{text[:most]} ..."

"""Columns of chats (lists of structs of texts) as pandas gets them: arrays of dicts.

``pyarrow`` makes the same objects through an array and a look-up for each field of each message,
which takes half as long again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.table.collector import paused

if TYPE_CHECKING:
    import numpy.typing as npt

FEW = 100
"""Different texts among the first ``FIRST`` from which on each is made once: roles, labels."""
FIRST = 1000


def is_chats(kind: pa.DataType) -> bool:
    """Whether :func:`chat_objects` makes objects of a column of this type."""
    types = pa.types
    if not (types.is_list(kind) or types.is_large_list(kind)):
        return False
    message = kind.value_type
    return (
        types.is_struct(message)
        and message.num_fields > 0
        and all(
            types.is_string(field.type) or types.is_large_string(field.type) for field in message
        )
    )


def chat_objects(chats: pa.Array) -> npt.NDArray[np.object_]:
    """An array of dicts for each chat, None for null, as ``chats.to_pandas()`` gives them."""
    made = np.empty(len(chats), dtype=object)
    if not len(chats):
        return made
    kind = np.int64 if pa.types.is_large_list(chats.type) else np.int32
    ends = np.frombuffer(chats.buffers()[1], kind)[chats.offset : chats.offset + len(chats) + 1]
    first = int(ends[0])
    with paused():
        messages = _messages(chats.values.slice(first, int(ends[-1]) - first))
        places = (ends - first).tolist()
        for index, start in enumerate(places[:-1]):
            made[index] = messages[start : places[index + 1]]
    if chats.null_count:
        made[chats.is_null().to_numpy(zero_copy_only=False)] = None
    return made


def _messages(messages: pa.StructArray) -> npt.NDArray[np.object_]:
    names = [field.name for field in messages.type]
    fields = [_texts(messages.field(k)) for k in range(len(names))]
    made = np.empty(len(messages), dtype=object)
    if len(names) == 2:  # {role, content}: written out, a third of the time
        one, other = names
        made[:] = [{one: first, other: second} for first, second in zip(*fields, strict=True)]
    else:
        made[:] = [dict(zip(names, values, strict=True)) for values in zip(*fields, strict=True)]
    if messages.null_count:
        made[messages.is_null().to_numpy(zero_copy_only=False)] = None
    return made


def _texts(texts: pa.Array) -> list[Any]:
    values: list[Any]
    first = texts[:FIRST]
    if len(first) < FIRST or len(first.unique()) > FEW:
        values = texts.to_pylist()
        return values
    coded = texts.dictionary_encode()
    different = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
    values = different[coded.indices.fill_null(-1).to_numpy()].tolist()
    return values

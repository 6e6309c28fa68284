"""An edit in place is seen, whatever it is; looking is none."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pyarrow as pa
import pytest

from crucible_datasets.dataset.snapshot import snapshot

CHATS = [
    [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
    [],
    [{"role": "user", "content": float("nan")}],
]
KIND = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
Edit = Callable[[Any], Any]


def moved(chats: Any) -> None:
    chats[1].append(chats[0].pop())


EDITS: dict[str, Edit] = {
    "a value": lambda chats: chats[0][0].update(content="c"),
    "a value gone": lambda chats: chats[0][0].pop("role"),
    "a value more": lambda chats: chats[0][0].update(more=1),
    "a value that is null": lambda chats: chats[0][0].update(role=None),
    "a message more": lambda chats: chats[1].append({"role": "user", "content": "d"}),
    "a message gone": lambda chats: chats[0].pop(),
    "a message to another chat": moved,
    "messages by turns": lambda chats: chats[0].reverse(),
    "a message that is null": lambda chats: chats[0].__setitem__(0, None),
    "a message of another kind": lambda chats: chats[0].__setitem__(0, "user: a"),
    "a chat that is null": lambda chats: chats.__setitem__(0, None),
    "a chat of another kind": lambda chats: chats.__setitem__(0, {"role": "user"}),
}


@pytest.mark.parametrize("nulls", [False, True], ids=["whole", "with nulls"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_is_seen(edit: Edit, nulls: bool) -> None:
    chats: list[Any] = [*deepcopy(CHATS), *([None, [None]] if nulls else [])]
    before = snapshot(chats, KIND)

    edit(chats)

    assert snapshot(chats, KIND) != before


@pytest.mark.parametrize("nulls", [False, True], ids=["whole", "with nulls"])
def test_what_is_only_looked_at_is_the_same(nulls: bool) -> None:
    chats: list[Any] = [*deepcopy(CHATS), *([None, [None]] if nulls else [])]

    assert snapshot(chats, KIND) == snapshot(chats, KIND)

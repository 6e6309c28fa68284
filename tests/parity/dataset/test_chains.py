"""Data and chains of operations drawn at random: the same rows, features, order and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = tuple[str, Any]

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")

QUICK = settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    print_blob=True,
)
LONG = settings(QUICK, max_examples=600)

ROW = st.fixed_dictionaries(
    {
        "n": st.one_of(st.none(), st.integers(-5, 5)),
        "x": st.one_of(st.none(), st.floats(-2, 2, width=32)),
        "s": st.one_of(st.none(), st.sampled_from(["", "a", "é", "long text"])),
        "l": st.lists(st.integers(0, 9), max_size=3),
        "m": st.lists(
            st.fixed_dictionaries({"role": st.sampled_from(["u", "a"]), "c": st.text(max_size=3)}),
            max_size=2,
        ),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=12)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("shuffle"), st.integers(0, 3)),
        st.tuples(st.just("select"), st.lists(st.integers(0, 12), max_size=6)),
        st.tuples(st.just("slice"), st.tuples(st.integers(0, 6), st.integers(0, 12))),
        st.tuples(st.just("take"), st.integers(0, 8)),
        st.tuples(st.just("skip"), st.integers(0, 8)),
        st.tuples(st.just("repeat"), st.integers(1, 2)),
        st.tuples(st.just("shard"), st.tuples(st.integers(1, 3), st.booleans())),
        st.tuples(st.just("sort"), st.tuples(st.sampled_from(["n", "x", "s"]), st.booleans())),
        st.tuples(st.just("filter"), st.integers(-3, 3)),
        st.tuples(st.just("filter batched"), st.integers(1, 4)),
        st.tuples(st.just("map"), st.integers(1, 3)),
        st.tuples(st.just("map edit"), st.sampled_from(["l", "m", "n", "s"])),
        st.tuples(st.just("map batched"), st.integers(1, 5)),
        st.tuples(st.just("map fewer"), st.integers(1, 5)),
        st.tuples(st.just("rename"), st.sampled_from(["n", "s", "l"])),
        st.tuples(st.just("remove"), st.sampled_from(["x", "m"])),
        st.tuples(st.just("columns"), st.permutations(["n", "s", "l"])),
        st.tuples(st.just("add"), st.integers(0, 3)),
        st.tuples(st.just("cast"), st.sampled_from(["string", "int32", "float64"])),
        st.tuples(st.just("again"), st.just(0)),
        st.tuples(st.just("split"), st.integers(1, 3)),
        st.tuples(st.just("batch"), st.integers(1, 3)),
        st.tuples(st.just("flatten"), st.just(0)),
    ),
    max_size=5,
)


def edit(row: Any, name: str) -> Any:
    value = row[name]
    if isinstance(value, list):
        value.extend(value[:1])
    elif value is not None:
        row[name] = value * 2
    return row


def apply(lib: Any, ds: Any, step: Step) -> Any:
    """One step of a chain; those whose column is gone fail in both libraries."""
    name, argument = step
    match name:
        case "shuffle":
            return ds.shuffle(seed=argument)
        case "select":
            return ds.select(argument)
        case "slice":
            return ds.select(range(argument[0], argument[1]))
        case "shard":
            return ds.shard(argument[0], 0, contiguous=argument[1])
        case "sort":
            return ds.sort(argument[0], reverse=argument[1])
        case "filter":
            return ds.filter(lambda row: row["n"] is not None and row["n"] > argument)
        case "filter batched":
            return ds.filter(
                lambda b: [i % 2 == 0 for i in range(len(b["n"]))],
                batched=True,
                batch_size=argument,
            )
        case "map":
            return ds.map(lambda row, i: {"k": i * argument, "n": row["n"]}, with_indices=True)
        case "map edit":
            return ds.map(lambda row: edit(row, argument))
        case "map batched":
            return ds.map(
                lambda b: {"size": [len(b["n"])] * len(b["n"])}, batched=True, batch_size=argument
            )
        case "map fewer":
            names = ds.column_names
            return ds.map(
                lambda b: {"n": b["n"][:1]}, batched=True, batch_size=argument, remove_columns=names
            )
        case "rename":
            return ds.rename_column(argument, f"{argument}2")
        case "remove":
            return ds.remove_columns(argument)
        case "columns":
            return ds.select_columns(argument)
        case "add":
            if len(ds) == 0:
                return ds  # the peer can't add to a concatenation without rows
            return ds.add_column(f"new{argument}", list(range(len(ds))))
        case "cast":
            if len(ds) == 0:
                return ds  # the peer leaves an empty selection as it was: docs/differences.md
            return ds.cast_column("n", lib.Value(argument))
        case "again":
            return lib.concatenate_datasets([ds, ds.select(range(len(ds) // 2))])
        case "batch":
            if len(ds) == 0:
                return ds  # as for a cast
            return ds.batch(argument)
        case "split":
            return ds.train_test_split(test_size=argument, seed=argument)["test"]
        case _:
            return getattr(ds, name)(*([] if name == "flatten" else [argument]))


def chain(rows: list[dict[str, Any]], steps: list[Step]) -> Callable[[Any], Any]:
    def call(lib: Any) -> Any:
        ds = lib.Dataset.from_list(rows)
        for step in steps:
            ds = apply(lib, ds, step)
        return [ds, ds[:2], ds[-1] if len(ds) else None]

    return call


@QUICK
@given(rows=ROWS, steps=STEPS)
def test_chains_come_to_the_same(rows: Any, steps: Any, same: Any) -> None:
    same(chain(rows, steps))


@pytest.mark.slow  # about two minutes
@pytest.mark.timeout(900)
@LONG
@given(rows=ROWS, steps=STEPS)
def test_many_chains_come_to_the_same(rows: Any, steps: Any, same: Any) -> None:
    same(chain(rows, steps))


SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=4),
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    ),
    max_leaves=6,
)


@QUICK
@given(values=st.lists(VALUE, min_size=1, max_size=5))
def test_values_of_any_shape_become_the_same_column(values: list[Any], same: Any) -> None:
    same(lambda lib: lib.Dataset.from_dict({"v": values}))


@pytest.mark.slow  # about a minute
@pytest.mark.timeout(900)
@LONG
@given(values=st.lists(VALUE, min_size=1, max_size=5))
def test_values_of_many_shapes_become_the_same_column(values: list[Any], same: Any) -> None:
    same(lambda lib: lib.Dataset.from_dict({"v": values}))

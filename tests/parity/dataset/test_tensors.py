"""Rows as arrays of NumPy, torch and JAX, of drawn types: the values, types and shapes of the peer."""

from __future__ import annotations

import datetime as dt
import io
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LIBRARIES = [
    pytest.param(
        name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed")
    )
    for name in ("numpy", "torch", "jax")
]
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of torch and JAX, about themselves
    pytest.mark.parametrize("name", LIBRARIES),
]

SIZES = {f"{u}int{bits}": bits for u in ("", "u") for bits in (8, 16, 32, 64)}


def integers(dtype: str) -> Any:
    bits = min(SIZES[dtype], 32)  # JAX has no more, and the peer's torch no uint64
    low = 0 if dtype.startswith("u") else -(2 ** (bits - 1))
    return st.integers(low, 2 ** (bits - 1) - 1)


SCALARS: dict[str, Any] = {
    **{dtype: integers(dtype) for dtype in SIZES if dtype != "uint64"},
    "float32": st.floats(width=32),
    "float64": st.floats(width=32),
    "bool": st.booleans(),
    "string": st.text(max_size=3),
    "binary": st.binary(max_size=3),
    "timestamp[s]": st.datetimes(dt.datetime(1980, 1, 1), dt.datetime(2050, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    "date32": st.dates(dt.date(1980, 1, 1), dt.date(2050, 1, 1)),
}


@st.composite
def kinds(draw: Any, depth: int = 2) -> tuple[Any, Any]:
    """A function that makes a feature of a library's, and values of it."""
    shape = draw(st.sampled_from(["scalar", "scalar", "list", "struct", "label", "array"]))
    if depth == 0 or shape == "scalar":
        dtype = draw(st.sampled_from(sorted(SCALARS)))
        values = SCALARS[dtype]
        # Deeper down the peer's types depend on how its table happens to be cut into chunks.
        if depth == 2 and draw(st.booleans()):
            values = st.none() | values
        return lambda lib: lib.Value(dtype), values
    if shape == "label":
        return lambda lib: lib.ClassLabel(names=["no", "yes"]), st.integers(0, 1)
    if shape == "array":
        rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        cells = st.lists(
            st.lists(st.integers(0, 9), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
        return lambda lib: lib.Array2D((rows, columns), "int32"), cells
    inner, values = draw(kinds(depth - 1))
    if shape == "list":
        size = draw(st.sampled_from([(0, 3), (2, 2)]))
        return lambda lib: lib.List(inner(lib)), st.lists(
            values, min_size=size[0], max_size=size[1]
        )
    return lambda lib: {"x": inner(lib)}, st.fixed_dictionaries({"x": values})


def told(value: Any) -> Any:
    """A value of any library's with its type, its shape and its content."""
    home = type(value).__module__.partition(".")[0]
    if isinstance(value, dict):
        return {name: told(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return ["list", *map(told, value)]
    if home in ("torch", "jax", "jaxlib", "numpy"):
        if str(value.dtype) == "object":
            return ("objects", value.shape, [told(inner) for inner in value])
        plain = value.tolist() if hasattr(value, "tolist") else value
        return (home, str(value.dtype), tuple(value.shape), repr(plain))
    return (type(value).__name__, repr(value))


def look(ds: Any, what: str) -> Any:
    half = len(ds) // 2
    if what == "row":
        return told(ds[half])
    if what == "slice":
        return told(ds[: half + 1])
    if what == "picked":
        return told(ds[[half, 0]])
    if what == "column":
        return told(ds["c"][:])
    if what == "iterated":
        return [told(row) for row in ds]
    return [told(batch) for batch in ds.iter(2)]


LOOKS = ["row", "slice", "picked", "column", "iterated", "batches"]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_drawn_types_come_as_the_peer_gives_them(
    peer: Any, ours: Any, same: Any, name: str, data: st.DataObject
) -> None:
    feature, values = data.draw(kinds())
    column = data.draw(st.lists(values, min_size=1, max_size=5))
    what = data.draw(st.sampled_from(LOOKS))

    def call(lib: Any) -> Any:
        features = lib.Features({"c": feature(lib)})
        made = lib.Dataset.from_dict({"c": column}, features=features)
        return look(made.with_format(name), what)

    same(call)


@pytest.mark.parametrize("what", LOOKS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_images_come_with_the_axes_of_the_peer(same: Any, name: str, mode: str, what: str) -> None:
    from PIL import Image

    def png(size: tuple[int, int]) -> bytes:
        out = io.BytesIO()
        Image.new(mode, size, 7).save(out, "PNG")
        return out.getvalue()

    for sizes in ([(2, 3)] * 3, [(2, 3), (3, 2), (2, 3)]):
        column = [{"bytes": png(size), "path": None} for size in sizes]
        same(
            lambda lib, column=column: look(
                lib.Dataset.from_dict(
                    {"c": column}, features=lib.Features({"c": lib.Image()})
                ).with_format(name),
                what,
            )
        )


@pytest.mark.parametrize("what", LOOKS)
@pytest.mark.parametrize("dtype", ["int16", "float64", "float16"])
def test_the_type_of_arrays_may_be_chosen(same: Any, name: str, dtype: str, what: str) -> None:
    if name == "torch":
        import torch

        kind: Any = getattr(torch, dtype)
    else:
        kind = getattr(np, dtype)
    column = [[1, 2], [3, 4], [5, 6]]
    same(lambda lib: look(lib.Dataset.from_dict({"c": column}).with_format(name, dtype=kind), what))


@pytest.mark.parametrize("what", LOOKS)
def test_columns_may_be_chosen_and_the_others_kept(same: Any, name: str, what: str) -> None:
    rows = {"c": [1, 2, 3], "s": ["x", "y", "z"], "d": [[1], [2, 3], []]}
    for columns, rest in ((["c"], False), (["c", "d"], True)):
        same(
            lambda lib, columns=columns, rest=rest: look(
                lib.Dataset.from_dict(rows).with_format(
                    name, columns=columns, output_all_columns=rest
                ),
                what,
            )
        )


def test_map_sees_and_gives_arrays(same: Any, name: str) -> None:
    def twice(row: Any) -> Any:
        return {"c": row["c"] * 2, "kind": type(row["c"]).__module__.partition(".")[0]}

    for batched in (False, True):

        def call(lib: Any, batched: bool = batched) -> Any:
            made = lib.Dataset.from_dict({"c": [1, 2, 3]}).with_format(name)
            if batched:
                return look(made.map(lambda b: {"c": b["c"] * 2}, batched=True), "slice")
            return look(made.map(twice), "slice")

        same(call)


def test_a_device_is_named(same: Any, name: str) -> None:
    if name == "numpy":
        pytest.skip("it has none")
    device: Any = "cpu"
    if name == "jax":
        import jax

        device = str(jax.devices()[0])
    same(
        lambda lib: look(
            lib.Dataset.from_dict({"c": [1, 2]}).with_format(name, device=device), "slice"
        )
    )

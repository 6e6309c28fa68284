"""The same instruction, ours and the peer's."""

from __future__ import annotations

from typing import Any

from datasets import ReadInstruction as Peers
from hypothesis import given
from hypothesis import strategies as st

from crucible_datasets.splits import ReadInstruction

boundaries = st.none() | st.integers(-110, 110)
signs = st.sampled_from(["", "%"])
roundings = st.sampled_from(["", "(closest)", "(pct1_dropremainder)", "(other)"])


@st.composite
def specs(draw: st.DrawFn) -> str:
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(["train", "test", "train.500", "dev", "a-b"]))
        if draw(st.booleans()):
            begin, end = (
                "" if value is None else f"{value}{draw(signs)}"
                for value in (draw(boundaries), draw(boundaries))
            )
            name += f"[{begin}:{end}]"
        terms.append(name + draw(roundings))
    return draw(st.sampled_from(["+", " + ", "+ "])).join(terms)


def outcome(kind: Any, spec: str, lengths: dict[str, int]) -> Any:
    try:
        rows = kind.from_spec(spec).to_absolute(lengths)
    except ValueError:
        return ValueError
    return [
        (
            getattr(r, "split", None) or r.splitname,
            getattr(r, "start", None) or getattr(r, "from_", 0),
        )
        for r in rows
    ], [getattr(r, "stop", None) or getattr(r, "to", 0) for r in rows]


@given(spec=specs(), train=st.integers(0, 1000), test=st.integers(0, 5))
def test_every_spec_means_the_same_rows_to_both(spec: str, train: int, test: int) -> None:
    lengths = {"train": train, "test": test, "train.500": 500}
    assert outcome(ReadInstruction, spec, lengths) == outcome(Peers, spec, lengths)

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hfhub.download.spans import merge

ranges = st.lists(
    st.tuples(st.integers(0, 1000), st.integers(0, 200)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=20,
)


@given(ranges, st.integers(0, 50))
def test_merged_ranges_cover_every_range_and_lie_apart(wanted, gap):
    merged = merge(wanted, gap)
    for start, stop in wanted:
        if start < stop:
            assert any(low <= start and stop <= high for low, high in merged)
    for (_, before), (after, _) in pairwise(merged):
        assert after > before + gap
    assert all(start < stop for start, stop in merged)

from __future__ import annotations

import pytest

from crucible_datasets.table.workers import decoded


def test_an_error_in_a_thread_is_raised_where_the_rows_are_taken() -> None:
    class Broken:
        def batches(self, **_: object) -> object:
            raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        list(decoded([Broken(), Broken()], ["n"], 10))  # type: ignore[list-item]

"""The rows of a dataset beside other features than its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from crucible_datasets.schema import Features
from crucible_datasets.schema.json_value import Json
from crucible_datasets.schema.validate import Place, Validator
from crucible_datasets.schema.visit import leaves

if TYPE_CHECKING:
    from crucible_datasets.schema.report import Report
    from crucible_datasets.table.table import Table


def check_rows(table: Table, before: Features, features: Features, limit: int) -> Report:
    """Every value of ``table`` that is not as ``features`` say.

    Args:
        table: the rows.
        before: what the columns hold.
        features: what they should hold.
        limit: how many mismatches are kept.
    """
    validator = Validator(features, "report", limit=limit)
    parsed = Features(
        {
            name: feature
            for name, feature in before.items()
            if feature != features.get(name)
            and any(isinstance(leaf, Json) for _, leaf in leaves(feature))
        }
    )
    row = 0
    for batch in table.batches():
        place = Place(row=row)
        if parsed:  # what is JSON text in the table is a value to the user
            rows = [
                {**stored, **parsed.decode_example({name: stored[name] for name in parsed})}
                for stored in batch.to_pylist()
            ]
            validator.check_rows(rows, place)
        else:
            validator.check(pa.Table.from_batches([batch]), place)
        row += batch.num_rows
    return validator.report

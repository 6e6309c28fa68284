"""The rows of a dataset beside other features than its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_datasets.schema.json_value import Json
from crucible_datasets.schema.report import Report
from crucible_datasets.schema.validate import Place, Validator
from crucible_datasets.schema.visit import leaves

if TYPE_CHECKING:
    from crucible_datasets.schema import Features
    from crucible_datasets.table.table import Table


def check_rows(table: Table, before: Features, features: Features, limit: int) -> Report:
    """Every value of ``table`` that is not as ``features`` say.

    Args:
        table: the rows.
        before: what the columns hold.
        features: what they should hold.
        limit: how many mismatches are kept.
    """
    report = Report(limit)
    parsed = [
        name
        for name, feature in before.items()
        if feature != features.get(name, feature)
        and any(isinstance(leaf, Json) for _, leaf in leaves(feature))
    ]
    # What is JSON text in the table is a value to the user.
    decode = before.select(parsed).decode_example
    of_values = Validator(features.select(parsed), report)
    of_types = Validator(
        features.select(n for n in features if n in before and n not in parsed), report
    )
    Validator(features, report).compare(before.storage_schema, Place())
    row = 0
    for batch in table.batches():
        place = Place(row=row)
        of_types.convert(batch, place)
        if parsed:
            rows = batch.select(parsed).to_pylist()
            of_values.check_rows([decode(stored) for stored in rows], place)
        row += batch.num_rows
        report.rows = row
    return report

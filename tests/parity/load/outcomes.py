"""What a ``load_dataset`` call comes to, in plain values: the same code for ours and for the peer.

Run as a script it reads calls from stdin, makes them with the real ``datasets``, and prints the
outcomes; so that one start of the peer serves many tests.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sys
from typing import Any

ROWS = 60


def outcome(datasets: Any, call: dict[str, Any]) -> Any:
    """Features and rows of every split, or the builtin kind of the error."""
    function = call.get("function", "load_dataset")
    try:
        result = getattr(datasets, function)(*call.get("args", ()), **call.get("kwargs", {}))
        if function != "load_dataset":
            return plain(result)
        if hasattr(result, "column_names") and not isinstance(result, dict):
            return {"": described(result)}
        return {str(name): described(split) for name, split in result.items()}
    except Exception as error:
        return {"error": kind(error)}


def kind(error: BaseException) -> str:
    """The first builtin exception that a caller could catch."""
    for cause in (error, error.__cause__):
        for base in type(cause).__mro__:
            if base.__module__ == "builtins" and base not in (Exception, BaseException, object):
                return base.__name__
    return "Exception"


def described(dataset: Any) -> Any:
    rows = [plain(row) for row, _ in zip(dataset, range(ROWS), strict=False)]
    features = dataset.features
    return {
        "features": None if features is None else plain(features.to_dict()),
        "columns": None if features is None else list(features),
        "rows": rows,
        "order": [list(row) for row in rows[:1]],
        "split": str(dataset.split),
        "length": len(dataset) if hasattr(dataset, "num_rows") else None,
    }


def plain(value: Any) -> Any:
    """The value as JSON can say it, with its type where that would be lost."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, bytes):
        return ["bytes", hashlib.sha1(value).hexdigest()]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return [type(value).__name__, value.isoformat()]
    if isinstance(value, float) and value != value:
        return "nan"
    if hasattr(value, "tobytes") and hasattr(value, "mode"):
        return ["image", value.mode, list(value.size), hashlib.sha1(value.tobytes()).hexdigest()]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "name") and hasattr(value, "num_examples"):
        return [value.name, value.num_examples]
    return repr(value)


if __name__ == "__main__":
    import datasets

    datasets.disable_progress_bars()
    datasets.config.USE_PARQUET_EXPORT = False
    datasets.utils.logging.set_verbosity(datasets.utils.logging.CRITICAL)
    calls = json.load(sys.stdin)
    json.dump([outcome(datasets, call) for call in calls], sys.stdout)

"""``pyarrow.compute``, loaded with the first function that is called.

Loading it makes some three hundred functions out of their documentation, which takes half as long as
reading a first row; most programs that load a dataset call none of them.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    import pyarrow.compute

    value = globals()[name] = getattr(pyarrow.compute, name)
    return value

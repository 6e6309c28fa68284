from __future__ import annotations

from typing import Any

import pytest


def test_a_pickle_is_refused_with_the_reason(put: Any, scan: Any) -> None:
    with pytest.raises(ValueError, match="runs whatever code"):
        scan("pandas", put("a.pkl", b"cos\nsystem\n(S'false'\ntR."))

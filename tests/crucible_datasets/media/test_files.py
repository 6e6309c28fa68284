"""Video, PDF, NIfTI, meshes and biology files: declared, stored and read raw."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from crucible_datasets.schema import (
    BioSequence,
    BioStructure,
    Features,
    Mesh,
    Nifti,
    Pdf,
    Video,
)
from crucible_datasets.schema.cast import cast_table

KINDS = [Video, Pdf, Nifti, Mesh, BioSequence, BioStructure]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_stored_and_read_raw(kind: Any) -> None:
    features = Features({"file": kind(decode=False)})

    stored = features.encode_example({"file": b"content"})

    assert stored == {"file": {"bytes": b"content", "path": None}}
    assert features.decode_example(stored) == stored
    assert cast_table(pa.table({"file": ["a", None]}), features).to_pylist() == [
        {"file": {"bytes": None, "path": "a"}},
        {"file": None},
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_says_that_it_is_not_there_yet(kind: Any) -> None:
    with pytest.raises(NotImplementedError, match="decode=False"):
        kind().decode_example({"bytes": b"content", "path": None})


@pytest.mark.parametrize("kind", KINDS)
def test_another_kind_of_value_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match="int can't be stored"):
        kind().encode_example(5)

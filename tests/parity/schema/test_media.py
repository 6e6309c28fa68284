"""Images beside the peer's: stored alike, read alike."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import datasets as peer
import numpy as np
import PIL.ExifTags
import PIL.Image
import pyarrow as pa
import pytest
from datasets.table import embed_table_storage

from crucible_datasets.schema import Features, Image
from crucible_datasets.schema.cast import embed_table


def file_of(image: PIL.Image.Image, format: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def turned(orientation: int) -> bytes:
    exif = PIL.Image.Exif()
    exif[PIL.ExifTags.Base.Orientation] = orientation
    return file_of(PIL.Image.effect_noise((6, 4), 50).convert("RGB"), "JPEG", exif=exif)


FILES = {
    "JPEG": file_of(PIL.Image.effect_noise((6, 4), 50).convert("RGB"), "JPEG"),
    "grey JPEG": file_of(PIL.Image.effect_noise((6, 4), 50), "JPEG"),
    "CMYK JPEG": file_of(PIL.Image.effect_noise((6, 4), 50).convert("CMYK"), "JPEG"),
    "PNG with a palette": file_of(PIL.Image.effect_noise((6, 4), 50).convert("P"), "PNG"),
    "PNG with transparency": file_of(PIL.Image.new("RGBA", (6, 4), (1, 2, 3, 4)), "PNG"),
    "PNG of one bit": file_of(PIL.Image.new("1", (6, 4), 1), "PNG"),
    "WebP": file_of(PIL.Image.new("RGB", (6, 4), (9, 9, 9)), "WEBP"),
    "TIFF of floats": file_of(PIL.Image.fromarray(np.ones((4, 6), "float32")), "TIFF"),
    **{f"turned {number}": turned(number) for number in range(1, 9)},
}


@pytest.mark.parametrize("mode", [None, "RGB"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_alike(name: str, mode: str | None) -> None:
    stored = {"bytes": FILES[name], "path": None}

    ours = Image(mode=mode).decode_example(stored)
    theirs = peer.Image(mode=mode).decode_example(stored)

    assert (ours.mode, ours.format, ours.size) == (theirs.mode, theirs.format, theirs.size)
    assert ours.tobytes() == theirs.tobytes()


VALUES: dict[str, Any] = {
    "path": "a.png",
    "Path": Path("a.png"),
    "bytes": b"x",
    "dict": {"bytes": b"x", "path": "a.png"},
    "path only": {"path": "no/such.png"},
    "drawn": PIL.Image.new("RGB", (3, 2), (1, 2, 3)),
    "drawn, another mode": PIL.Image.new("CMYK", (3, 2)),
    "list": [[0, 255], [255, 0]],
    **{
        f"array of {dtype}": np.array([[0, 1], [1, 0]]).astype(dtype)
        for dtype in ("bool", "uint8", "uint16", "int16", "int32", ">i2", "float32")
    },
    "array of colours": np.arange(12, dtype="uint8").reshape(2, 2, 3),
}


@pytest.mark.filterwarnings("ignore:Downcasting", "ignore:the pixels")
@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_stored_alike(name: str) -> None:
    ours = Image().encode_example(VALUES[name])

    assert ours == peer.Image().encode_example(VALUES[name])


@pytest.mark.filterwarnings("ignore:Downcasting", "ignore:the pixels")
@pytest.mark.parametrize("dtype", ["int64", "uint64", "int8", "float16", "complex64", "float64"])
@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 3)])
def test_an_array_is_narrowed_or_refused_alike(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.ones(shape, dtype)
    try:
        expected = peer.Image().encode_example(array)
    except TypeError:
        with pytest.raises(TypeError):
            Image().encode_example(array)
        return

    assert Image().encode_example(array) == expected


def test_files_are_embedded_alike(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"content")
    rows = [
        {"image": {"bytes": None, "path": str(file)}},
        {"image": {"bytes": b"x", "path": "dir/b.png"}},
        {"image": {"bytes": b"x", "path": None}},
        {"image": None},
    ]
    features = Features({"image": Image()})
    table = pa.Table.from_pylist(rows, schema=features.storage_schema)

    assert embed_table(table, features).equals(embed_table_storage(table))

"""Images: what goes in, what is stored, what comes out, and what becomes of damaged ones."""

from __future__ import annotations

import pickle
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL.ExifTags
import PIL.Image
import pyarrow as pa
import pytest

from crucible_datasets.errors import MediaError
from crucible_datasets.schema import Features, Image, List, Value
from crucible_datasets.schema.cast import cast_table, embed_table


def picture(mode: str = "RGB", size: tuple[int, int] = (4, 3)) -> PIL.Image.Image:
    return PIL.Image.effect_noise(size, 50).convert(mode)


def file_of(image: PIL.Image.Image, format: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def stored(data: bytes | None = None, path: str | None = None) -> dict[str, Any]:
    return {"bytes": data, "path": path}


@pytest.mark.parametrize(
    ("mode", "format"),
    [("RGB", "JPEG"), ("L", "PNG"), ("P", "GIF"), ("RGBA", "PNG"), ("1", "PNG"), ("I;16", "TIFF")],
)
def test_an_image_comes_in_its_own_mode_and_keeps_its_format(mode: str, format: str) -> None:
    image = PIL.Image.new(mode, (4, 3))

    read = Image().decode_example(stored(file_of(image, format)))

    assert (read.mode, read.format, read.size) == (mode, format, (4, 3))


def test_an_image_is_converted_to_the_mode_that_was_asked_for() -> None:
    assert Image(mode="L").decode_example(stored(file_of(picture("RGB")))).mode == "L"


def test_an_image_is_turned_as_its_exif_data_say_and_has_no_format_then() -> None:
    exif = PIL.Image.Exif()
    exif[PIL.ExifTags.Base.Orientation] = 6

    read = Image().decode_example(stored(file_of(picture(size=(4, 3)), "JPEG", exif=exif)))

    assert read.size == (3, 4)
    assert read.format is None


def test_without_decoding_the_bytes_come_as_they_are() -> None:
    feature = Image(decode=False)

    with pytest.raises(RuntimeError, match="decode=False"):
        feature.decode_example(stored(b"x"))
    assert Features({"x": feature}).decode_example({"x": stored(b"x")}) == {"x": stored(b"x")}


def test_a_path_is_stored_as_a_path(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(file_of(picture()))

    assert Image().encode_example(str(file)) == stored(path=str(file))
    assert Image().encode_example(file) == stored(path=str(file))
    assert Image().encode_example({"path": str(file), "bytes": b"x"}) == stored(path=str(file))
    assert Image().decode_example(stored(path=str(file))).size == (4, 3)


def test_bytes_are_stored_as_bytes_with_the_name_that_goes_with_them() -> None:
    assert Image().encode_example(b"x") == stored(b"x")
    assert Image().encode_example(bytearray(b"x")) == stored(b"x")
    assert Image().encode_example({"bytes": b"x", "path": "a.png"}) == stored(b"x", "a.png")


def test_an_opened_file_is_stored_as_its_path_and_a_drawn_image_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    picture().save(file)
    drawn = picture()

    with PIL.Image.open(file) as opened:
        assert Image().encode_example(opened) == stored(path=str(file))
    encoded = Image().encode_example(drawn)
    assert Image().decode_example(encoded).tobytes() == drawn.tobytes()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float32", "bool"])
def test_an_array_of_one_channel_comes_back_as_it_was(dtype: str) -> None:
    array = np.array([[0, 1], [1, 0]]).astype(dtype)

    read = Image().decode_example(Image().encode_example(array))

    assert np.array_equal(np.asarray(read), array)


@pytest.mark.parametrize(("dtype", "narrow"), [("int64", "int32"), ("uint64", "uint32")])
def test_an_array_too_wide_for_a_picture_is_narrowed_with_a_warning(
    dtype: str, narrow: str
) -> None:
    with pytest.warns(UserWarning, match=f"{dtype} to {narrow}"):
        encoded = Image().encode_example(np.ones((2, 2), dtype))

    assert encoded["bytes"]


@pytest.mark.parametrize("array", [np.ones((2, 2, 3), "float32"), np.ones((2, 2), "complex64")])
def test_an_array_that_can_be_no_picture_is_refused(array: Any) -> None:
    with pytest.raises(TypeError):
        Image().encode_example(array)


@pytest.mark.parametrize("value", [{}, {"path": None, "bytes": None}])
def test_a_value_with_neither_bytes_nor_path_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="'bytes' or 'path'"):
        Image().encode_example(value)


def test_what_is_decoded_already_stays_as_it_is() -> None:
    image = picture()

    assert Image().decode_example(image) is image


STORAGES = {
    "paths": pa.array(["a.png", None]),
    "large paths": pa.array(["a.png", None], pa.large_string()),
    "bytes": pa.array([b"a", None]),
    "large bytes": pa.array([b"a", None], pa.large_binary()),
    "bytes in structs": pa.array([{"bytes": b"a"}, None]),
    "paths in structs": pa.array([{"path": "a.png"}, None]),
    "structs in another order": pa.array([{"path": "a.png", "bytes": b"a"}, None]),
    "structs with more": pa.array([{"path": "a.png", "bytes": b"a", "size": 5}, None]),
}


@pytest.mark.parametrize("name", STORAGES)
def test_a_column_becomes_images_by_a_cast(name: str) -> None:
    cast = Image().cast_storage(STORAGES[name])

    expected = {"bytes": None if "paths" in name else b"a", "path": None}
    if "paths" in name or name.startswith("structs"):
        expected["path"] = "a.png"
    assert cast.type == Image().pa_type
    assert cast.to_pylist() == [expected, None]


def test_a_column_of_pixels_becomes_images_by_a_cast() -> None:
    pixels = pa.array([[[[1, 2, 3], [4, 5, 6]]], None], pa.list_(pa.list_(pa.list_(pa.uint8()))))

    with pytest.warns(UserWarning, match="narrowed"):
        cast = Image().cast_storage(pixels)

    read = Image().decode_example(cast[0].as_py())
    assert np.asarray(read).tolist() == [[[1, 2, 3], [4, 5, 6]]]
    assert cast[1].as_py() is None


def test_embedding_puts_the_bytes_in_and_keeps_the_name(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"content")
    features = Features({"image": Image(), "more": List(Image())})
    rows = [
        {"image": stored(path=str(file)), "more": [stored(path=str(file)), None]},
        {"image": stored(b"own", "b.png"), "more": None},
    ]
    table = pa.Table.from_pylist(rows, schema=features.storage_schema)

    embedded = embed_table(table.slice(0), features)

    assert embedded.to_pylist() == [
        {"image": stored(b"content", "a.png"), "more": [stored(b"content", "a.png"), None]},
        {"image": stored(b"own", "b.png"), "more": None},
    ]
    assert embed_table(table, features, local_files=False).to_pylist() == rows


# What is broken, and how


def damaged() -> dict[str, bytes]:
    whole = file_of(picture(size=(64, 64)), "JPEG")
    # turned, with a width that is text: the EXIF data can be read but not written again
    entries = struct.pack("<HHI4s", 0x100, 2, 4, b"abc") + struct.pack("<HHII", 0x112, 3, 1, 6)
    exif = b"Exif\x00\x00II*\x00" + struct.pack("<IH", 8, 2) + entries + bytes(4)
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif
    turned = whole[:2] + segment + whole[2:]
    return {
        "truncated": whole[: len(whole) // 2],
        "no image": b"hello",
        "empty": b"",
        "broken EXIF": turned,
        "broken PNG": file_of(picture())[:40] + struct.pack(">I", 7) * 3,
    }


@pytest.mark.parametrize("name", damaged())
def test_a_damaged_image_is_an_error_with_its_path(name: str) -> None:
    with pytest.raises(MediaError) as refused:
        Image().decode_example(stored(damaged()[name], "a.jpg"))

    assert refused.value.path == "a.jpg"
    assert isinstance(refused.value, OSError)
    assert isinstance(refused.value, ValueError)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)


@pytest.mark.parametrize("name", damaged())
def test_a_damaged_image_may_be_read_as_nothing(name: str) -> None:
    assert Image(on_error="null").decode_example(stored(damaged()[name])) is None


def test_a_missing_file_is_the_error_that_one_knows() -> None:
    with pytest.raises(FileNotFoundError):
        Image().decode_example(stored(path="no/such.png"))
    assert Image(on_error="null").decode_example(stored(path="no/such.png")) is None


def rows_with_damage(count: int, every: int) -> list[dict[str, Any]]:
    good = file_of(picture())
    return [
        {"n": n, "image": stored(b"broken" if n % every == 2 else good, f"{n}.png")}
        for n in range(count)
    ]


def test_iterating_names_the_row_and_the_column_of_a_damaged_image() -> None:
    features = Features({"n": Value("int64"), "image": Image()})
    rows = features.decode_rows(rows_with_damage(40, 30), first_row=100)

    assert [next(rows)["n"] for _ in range(2)] == [0, 1]
    with pytest.raises(MediaError) as refused:
        next(rows)

    assert (refused.value.row, refused.value.column) == (102, "image")
    assert "row 102" in str(refused.value)


def test_iterating_may_leave_damaged_rows_out() -> None:
    features = Features({"n": Value("int64"), "image": Image(on_error="skip")})

    read = list(features.decode_rows(rows_with_damage(500, 5)))

    assert [row["n"] for row in read] == [n for n in range(500) if n % 5 != 2]
    assert all(row["image"].size == (4, 3) for row in read)


def test_iterating_may_give_nothing_for_damaged_images() -> None:
    features = Features({"n": Value("int64"), "image": List(Image(on_error="null"))})
    rows = [{"n": row["n"], "image": [row["image"]]} for row in rows_with_damage(9, 3)]

    read = list(features.decode_rows(rows))

    assert [row["image"][0] is None for row in read] == [n % 3 == 2 for n in range(9)]


def test_a_column_is_decoded_in_its_order() -> None:
    features = Features({"image": Image()})
    sizes = [(n + 1, 2) for n in range(30)]
    column = [None, *(stored(file_of(picture(size=size))) for size in sizes)]

    decoded = features.decode_column(column, "image")

    assert decoded[0] is None
    assert [image.size for image in decoded[1:]] == sizes


def test_features_with_images_that_skip_are_those_of_the_peer_in_files() -> None:
    assert Features({"x": Image()}).to_dict() == {"x": {"_type": "Image"}}
    written = Features({"x": Image(on_error="skip")})
    assert Features.from_arrow_schema(written.arrow_schema) == written


def test_a_table_of_paths_is_cast_with_its_features() -> None:
    features = Features({"image": Image()})

    cast = cast_table(pa.table({"image": ["a.png"]}), features)

    assert cast.to_pylist() == [{"image": stored(path="a.png")}]


def test_a_forked_process_decodes_with_threads_of_its_own() -> None:
    code = (
        "import os, sys\n"
        "from io import BytesIO\n"
        "import PIL.Image\n"
        "from crucible_datasets.schema import Features, Image\n"
        "buffer = BytesIO()\n"
        "PIL.Image.new('RGB', (4, 3)).save(buffer, 'PNG')\n"
        "rows = [{'x': {'bytes': buffer.getvalue(), 'path': None}}] * 20\n"
        "features = Features({'x': Image()})\n"
        "assert len(list(features.decode_rows(rows))) == 20\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(len(list(features.decode_rows(rows))))\n"
        "_, status = os.waitpid(child, 0)\n"
        "print(os.waitstatus_to_exitcode(status))\n"
    )

    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert out.stdout.strip() == "20"

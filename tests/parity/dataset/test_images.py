"""Images in rows: made, mapped, saved and cast as the peer does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import PIL.Image
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def image(i: int, mode: str = "RGB") -> PIL.Image.Image:
    return PIL.Image.new(mode, (4 + i, 3), 40 * i)


def png(i: int) -> bytes:
    buffer = io.BytesIO()
    image(i).save(buffer, "PNG")
    return buffer.getvalue()


def ds(lib: Any) -> Any:
    features = lib.Features({"image": lib.Image(), "label": lib.Value("int64")})
    rows = {"image": [{"bytes": png(i), "path": None} for i in range(4)], "label": list(range(4))}
    return lib.Dataset.from_dict(rows, features=features)


def seen(value: Any) -> Any:
    """An image as mode, size and pixels."""
    if isinstance(value, PIL.Image.Image):
        return [value.mode, list(value.size), list(value.tobytes())]
    if isinstance(value, dict):
        return {name: seen(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [seen(inner) for inner in value]
    return value


def rotated(row: Any) -> Any:
    row["image"] = row["image"].transpose(PIL.Image.Transpose.ROTATE_90)
    return row


CALLS: dict[str, Callable[[Any], Any]] = {
    "row": lambda lib: seen(ds(lib)[1]),
    "batch": lambda lib: seen(ds(lib)[1:3]),
    "rows": lambda lib: [seen(row) for row in ds(lib)],
    "column": lambda lib: seen(ds(lib)["image"][2]),
    "inferred": lambda lib: repr(lib.Dataset.from_dict({"i": [image(1), None]}).features),
    "inferred list": lambda lib: repr(lib.Dataset.from_dict({"i": [[image(1)], []]}).features),
    "grey": lambda lib: seen(lib.Dataset.from_dict({"i": [image(1, "L"), None]})[0]),
    "stored": lambda lib: seen(ds(lib).cast_column("image", lib.Image(decode=False))[1]),
    "map look": lambda lib: seen(ds(lib).map(lambda row: {"w": row["image"].width})[2]),
    "map keep": lambda lib: ds(lib).map(lambda row: {"w": row["image"].width}).features["image"],
    "map change": lambda lib: [seen(row) for row in ds(lib).map(rotated)],
    "map make": lambda lib: seen(ds(lib).map(lambda row: {"new": image(row["label"])})[3]),
    "filter": lambda lib: [seen(row) for row in ds(lib).filter(lambda row: row["label"] > 1)],
    "numpy": lambda lib: ds(lib).with_format("numpy")[1]["image"].tolist(),
    "shuffle": lambda lib: [seen(row) for row in ds(lib).shuffle(seed=3)],
}


@pytest.mark.parametrize("name", CALLS)
def test_images_come_to_the_same(name: str, same: Callable[[Callable[[Any], Any]], None]) -> None:
    same(CALLS[name])


def test_saved_images_hold_their_bytes(ours: Any, peer: Any, tmp_path: Path) -> None:
    image(2).save(tmp_path / "a.png")
    features = ours.Features({"image": ours.Image()})
    made = ours.Dataset.from_dict({"image": [str(tmp_path / "a.png")]}, features=features)
    made.save_to_disk(tmp_path / "saved")
    (tmp_path / "a.png").unlink()

    for library in (ours, peer):
        loaded = library.load_from_disk(str(tmp_path / "saved"))
        assert seen(loaded[0]["image"]) == seen(image(2))

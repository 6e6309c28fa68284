"""``Image``: pictures, stored as files, read as PIL images."""

from __future__ import annotations

import struct
import sys
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from crucible_datasets.errors import MediaError
from crucible_datasets.media.file_feature import FileFeature

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image
    import pyarrow as pa

OnError = Literal["raise", "null", "skip"]


@dataclass
class Image(FileFeature):
    """A picture: a path, bytes, a PIL image or a NumPy array in, a PIL image out.

    The image comes in its own mode with ``.format`` kept; where its EXIF data turn it, it is
    turned, and then has no format.

    >>> Image()
    Image(mode=None, decode=True)

    Args:
        mode: convert to this PIL mode (``"RGB"``, ``"L"`` ...).
        decode: give PIL images; False gives ``{"bytes": ..., "path": ...}``.
        on_error: what becomes of an image that can't be decoded: ``"raise"`` a ``MediaError``,
            ``"null"`` gives None, ``"skip"`` leaves the row out when iterating.
        id: kept, and not used.
    """

    mode: str | None = None
    decode: bool = True
    id: str | None = field(default=None, repr=False)
    on_error: OnError = field(default="raise", repr=False, kw_only=True)
    dtype: ClassVar[str] = "PIL.Image.Image"
    kind: ClassVar[str] = "image"
    _type: str = field(default="Image", init=False, repr=False)

    def encode_example(self, value: Any) -> dict[str, Any]:
        """A path, bytes, ``{"bytes", "path"}``, PIL image, NumPy array or nested list, as stored.

        Arrays become PNG or TIFF; a type that pictures can't have is narrowed with a warning.

        Raises:
            ValueError: if neither bytes nor a path are given.
            TypeError: if an array's type can't be narrowed, or the value is no picture.
        """
        return super().encode_example(value)

    def _encode_object(self, value: Any) -> dict[str, Any]:
        import numpy as np

        if isinstance(value, list):
            value = np.array(value)
        if isinstance(value, np.ndarray):
            return encode_np_array(value)
        if is_pil_image(value):
            return encode_pil_image(value)
        return super()._encode_object(value)

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:
        """The PIL image of a stored value; something decoded already is given back.

        Raises:
            RuntimeError: if ``decode`` is False.
            OSError: if the file can't be read, unless ``on_error="null"``.
            MediaError: if it can't be decoded, unless ``on_error="null"``.
        """
        self.must_decode()
        if not isinstance(value, dict):
            return value
        try:
            path, data = self.stored(value, token_per_repo_id)
            return self._open(path, data)
        except (MediaError, OSError):
            if self.on_error == "null":
                return None
            raise

    def _open(self, path: str | None, data: bytes) -> PIL.Image.Image:
        import PIL.Image

        try:
            return self._decode(data)
        except PIL.UnidentifiedImageError as error:
            raise MediaError("image", "its bytes are no picture that Pillow knows", path) from error
        except (*_DECODE_ERRORS, PIL.Image.DecompressionBombError) as error:
            raise MediaError("image", str(error) or type(error).__name__, path) from error

    def _decode(self, data: bytes) -> PIL.Image.Image:
        import PIL.ExifTags
        import PIL.Image
        import PIL.ImageOps

        image: PIL.Image.Image = PIL.Image.open(BytesIO(data))
        image.load()
        if image.getexif().get(PIL.ExifTags.Base.Orientation) is not None:
            image = PIL.ImageOps.exif_transpose(image)
        if self.mode and self.mode != image.mode:
            image = image.convert(self.mode)
        return image

    def cast_storage(self, storage: pa.Array) -> pa.Array:
        """As for any file; nested lists are taken as pixels and stored as PNG or TIFF."""
        import numpy as np
        import pyarrow as pa

        if pa.types.is_list(storage.type) or pa.types.is_large_list(storage.type):
            encoded = [
                None if pixels is None else encode_np_array(np.array(pixels))["bytes"]
                for pixels in storage.to_pylist()
            ]
            storage = pa.array(encoded, pa.binary())
        return super().cast_storage(storage)


# What Pillow raises for damaged files, in all its plugins.
_DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AssertionError,
    struct.error,
)


def is_pil_image(value: Any) -> bool:
    """Whether the value is a PIL image; loads nothing if PIL is not there yet."""
    if "PIL.Image" not in sys.modules:
        return False
    import PIL.Image

    return isinstance(value, PIL.Image.Image)


def encode_pil_image(image: PIL.Image.Image) -> dict[str, Any]:
    """A PIL image as stored: the path if it came from a file, else its bytes."""
    path = getattr(image, "filename", "")
    if path:
        return {"bytes": None, "path": path}
    return {"bytes": image_to_bytes(image), "path": None}


def image_to_bytes(image: PIL.Image.Image) -> bytes:
    """The file of a PIL image: in its own format if that can be written, else PNG, else TIFF."""
    buffer = BytesIO()
    if image.format in _writable_formats():
        chosen = image.format
    else:
        chosen = "PNG" if image.mode in ("1", "L", "LA", "RGB", "RGBA") else "TIFF"
    image.save(buffer, format=chosen)
    return buffer.getvalue()


@lru_cache(maxsize=1)
def _writable_formats() -> frozenset[str]:
    import PIL.Image

    PIL.Image.init()
    return frozenset(PIL.Image.OPEN) & frozenset(PIL.Image.SAVE)


# kind and size in bytes of the elements that a one-channel picture may have
_PICTURE_TYPES = {"b": (1,), "u": (1, 2, 4), "i": (2, 4), "f": (4, 8)}


def encode_np_array(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    """A NumPy array of pixels as stored: PNG or TIFF bytes.

    Raises:
        TypeError: if no picture can have elements of that type.
    """
    import PIL.Image

    wanted = _picture_dtype(array)
    if array.dtype != wanted:
        warnings.warn(
            f"the pixels are narrowed from {array.dtype} to {wanted}, as pictures have no others",
            stacklevel=2,
        )
    image = PIL.Image.fromarray(array.astype(wanted))
    return {"bytes": image_to_bytes(image), "path": None}


def _picture_dtype(array: np.ndarray[Any, Any]) -> np.dtype[Any]:
    import numpy as np

    dtype = array.dtype
    if array.ndim > 2:
        if dtype.kind not in "ui":
            raise TypeError(
                f"pixels with several channels must be uint8, not {dtype}; scale and cast them"
            )
        return np.dtype("uint8")
    sizes = [size for size in _PICTURE_TYPES.get(dtype.kind, ()) if size <= dtype.itemsize]
    if not sizes:
        raise TypeError(f"pixels can't be {dtype}; cast them to uint8, uint16, int32 or float32")
    return np.dtype(f"{dtype.kind}{sizes[-1]}").newbyteorder(dtype.byteorder)

"""``Video``: films, stored as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from crucible_datasets.media.raw import Undecoded


@dataclass
class Video(Undecoded):
    """A film: a path or bytes in; read raw with ``decode=False``.

    Args:
        decode: give decoded frames; not there yet; False gives bytes and path.
        stream_index: which stream of the file.
        dimension_order: ``"NCHW"`` or ``"NHWC"``.
        num_ffmpeg_threads: threads of the decoder.
        device: where frames are decoded.
        seek_mode: ``"exact"`` or ``"approximate"``.
        id: kept, and not used.
    """

    decode: bool = True
    stream_index: int | None = None
    dimension_order: Literal["NCHW", "NHWC"] = "NCHW"
    num_ffmpeg_threads: int = 1
    device: Any = "cpu"
    seek_mode: Literal["exact", "approximate"] = "exact"
    id: str | None = field(default=None, repr=False)
    dtype: ClassVar[str] = "torchcodec.decoders.VideoDecoder"
    kind: ClassVar[str] = "video"
    _type: str = field(default="Video", init=False, repr=False)

"""``Audio``: sounds, stored as files, read as samples by soundfile."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, ClassVar

from crucible_datasets.errors import MediaError, MissingExtraError
from crucible_datasets.media.file_feature import FileFeature


@dataclass
class Audio(FileFeature):
    """A sound: a path, bytes, or ``{"array", "sampling_rate"}`` in; samples out.

    Read, it is ``{"path": ..., "array": ..., "sampling_rate": ...}``: the array is one-dimensional
    float32, the mean of the channels. Needs the extra ``audio`` (soundfile: WAV, FLAC, OGG, MP3).

    >>> Audio(decode=False)
    Audio(sampling_rate=None, decode=False, num_channels=None, stream_index=None)

    Args:
        sampling_rate: resample to this many samples a second.
        decode: give samples; False gives ``{"bytes": ..., "path": ...}``.
        num_channels: 1 or None gives the mean of the channels; 2 gives ``(2, samples)``.
        stream_index: which stream of the file; only the first can be read.
        id: kept, and not used.
    """

    sampling_rate: int | None = None
    decode: bool = True
    num_channels: int | None = None
    stream_index: int | None = None
    id: str | None = field(default=None, repr=False)
    dtype: ClassVar[str] = "dict"
    kind: ClassVar[str] = "audio"
    _type: str = field(default="Audio", init=False, repr=False)

    def _encode_dict(self, value: dict[str, Any]) -> dict[str, Any]:
        if "array" in value:
            return {"bytes": _wav(value["array"], value["sampling_rate"]), "path": None}
        path = value.get("path")
        if path is not None and path.endswith("pcm"):
            return self._encode_pcm(value)
        return super()._encode_dict(value)

    def _encode_pcm(self, value: dict[str, Any]) -> dict[str, Any]:
        import numpy as np

        if value.get("sampling_rate") is None:
            raise KeyError("a PCM file does not know its 'sampling_rate'; add it to the dict")
        _, data = self.stored({"path": value["path"], "bytes": value.get("bytes")})
        samples = np.frombuffer(data, dtype="<i2").astype(np.float32) / 32767
        return {"bytes": _wav(samples, value["sampling_rate"]), "path": None}

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:
        """The samples of a stored value; something decoded already is given back.

        Raises:
            RuntimeError: if ``decode`` is False.
            MissingExtraError: if soundfile is not installed.
            MediaError: if it can't be decoded.
        """
        self.must_decode()
        if not isinstance(value, dict) or "array" in value:
            return value
        soundfile = _soundfile()
        path, data = self.stored(value, token_per_repo_id)
        try:
            frames, rate = soundfile.read(BytesIO(data), dtype="float32", always_2d=True)
        except (RuntimeError, OSError, ValueError) as error:
            raise MediaError("audio", str(error), path) from error
        array = _channels(frames, self.num_channels)
        if self.sampling_rate is not None and self.sampling_rate != rate:
            array, rate = _at_rate(array, rate, self.sampling_rate), self.sampling_rate
        return {"path": path, "array": array, "sampling_rate": rate}

    def flatten(self) -> Any:
        """The two columns with ``decode=False``.

        Raises:
            ValueError: if ``decode`` is True.
        """
        if self.decode:
            raise ValueError("a decoded Audio has no columns; use Audio(decode=False) to flatten")
        return super().flatten()


def _soundfile() -> Any:
    try:
        import soundfile
    except ImportError as error:
        raise MissingExtraError("decoding audio", "soundfile", "audio") from error
    return soundfile


def _channels(frames: Any, wanted: int | None) -> Any:
    import numpy as np

    if wanted == 2:
        return np.ascontiguousarray(np.broadcast_to(frames, (len(frames), 2)).T)
    return frames[:, 0].copy() if frames.shape[1] == 1 else frames.mean(axis=1, dtype=np.float32)


def _at_rate(array: Any, rate: int, wanted: int) -> Any:
    import numpy as np

    from crucible_datasets.media.resample import resample

    if array.ndim == 1:
        return resample(array, rate, wanted)
    return np.stack([resample(channel, rate, wanted) for channel in array])


def _wav(samples: Any, sampling_rate: int) -> bytes:
    """A WAV file of samples between -1 and 1, one channel, 16 bits."""
    import wave

    import numpy as np

    array = np.asarray(samples, dtype=np.float32)
    channels = 1 if array.ndim == 1 else array.shape[0]
    flat = array.T.reshape(-1) if array.ndim > 1 else array
    whole = np.clip(np.rint(flat * 32767), -32768, 32767).astype("<i2")
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(int(sampling_rate))
        file.writeframes(whole.tobytes())
    return buffer.getvalue()

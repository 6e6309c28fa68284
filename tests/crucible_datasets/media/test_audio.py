"""Audio: stored as files, read as samples by soundfile."""

from __future__ import annotations

import sys
import wave
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from crucible_datasets.errors import MediaError, MissingExtraError
from crucible_datasets.schema import Audio, Features


def wav(samples: Any, rate: int = 16_000) -> bytes:
    """A WAV file of 16-bit samples; two dimensions are (samples, channels)."""
    array = np.asarray(samples, "<i2")
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1 if array.ndim == 1 else array.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array.tobytes())
    return buffer.getvalue()


def test_audio_is_one_array_of_float32_with_its_rate() -> None:
    pytest.importorskip("soundfile")

    read = Audio().decode_example({"bytes": wav([0, 16384, -32768]), "path": "a.wav"})

    assert list(read) == ["path", "array", "sampling_rate"]
    assert read["array"].dtype == np.float32
    assert read["array"].tolist() == [0.0, 0.5, -1.0]
    assert read["sampling_rate"] == 16_000
    assert type(read["sampling_rate"]) is int
    assert read["path"] == "a.wav"


def test_several_channels_become_their_mean() -> None:
    pytest.importorskip("soundfile")
    data = wav([[16384, 0], [32767, 32767], [-16384, 16384]])

    read = Audio().decode_example({"bytes": data, "path": None})

    expected = np.array([0.25, 32767 / 32768, 0.0], np.float32)
    assert np.array_equal(read["array"], expected)


def test_two_channels_come_when_they_are_asked_for() -> None:
    pytest.importorskip("soundfile")
    data = wav([[16384, 0], [0, -16384]])

    read = Audio(num_channels=2).decode_example({"bytes": data, "path": None})

    assert read["array"].tolist() == [[0.5, 0.0], [0.0, -0.5]]


def test_flac_is_read_too() -> None:
    soundfile = pytest.importorskip("soundfile")
    buffer = BytesIO()
    soundfile.write(buffer, np.array([0.0, 0.5, -0.5]), 8_000, format="FLAC")

    read = Audio().decode_example({"bytes": buffer.getvalue(), "path": "a.flac"})

    assert read["array"].tolist() == [0.0, 0.5, -0.5]
    assert read["sampling_rate"] == 8_000


def test_an_array_is_stored_as_a_file_that_gives_it_back() -> None:
    pytest.importorskip("soundfile")
    array = np.array([0.0, 0.5, -0.5, 1.0], np.float32)

    stored = Audio().encode_example({"array": array, "sampling_rate": 8_000})

    read = Audio().decode_example(stored)
    assert np.allclose(read["array"], array, atol=1 / 32767)
    assert read["sampling_rate"] == 8_000


def test_what_is_no_audio_is_an_error_with_its_path() -> None:
    pytest.importorskip("soundfile")

    with pytest.raises(MediaError) as refused:
        Audio().decode_example({"bytes": b"hello", "path": "a.wav"})

    assert (refused.value.kind, refused.value.path) == ("audio", "a.wav")


def test_without_decoding_the_bytes_come_as_they_are() -> None:
    features = Features({"audio": Audio(decode=False)})
    row = {"audio": {"bytes": b"x", "path": "a.wav"}}

    assert not features.decodable
    assert features.decode_example(row) == row
    assert features.flatten().to_dict() == {
        "audio.bytes": {"dtype": "binary", "_type": "Value"},
        "audio.path": {"dtype": "string", "_type": "Value"},
    }


def test_without_soundfile_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)

    with pytest.raises(MissingExtraError, match=r"crucible-datasets\[audio\]"):
        Audio().decode_example({"bytes": wav([0]), "path": None})


def test_raw_samples_need_their_rate(tmp_path: Any) -> None:
    file = tmp_path / "a.pcm"
    file.write_bytes(np.array([0, 32767], "<i2").tobytes())

    with pytest.raises(KeyError, match="sampling_rate"):
        Audio().encode_example({"path": str(file)})
    stored = Audio().encode_example({"path": str(file), "sampling_rate": 8_000})
    assert stored["bytes"] == wav([0, 32767], 8_000)


def test_paths_and_bytes_become_audio_by_a_cast() -> None:
    assert Audio().cast_storage(pa.array(["a.wav", None])).to_pylist() == [
        {"bytes": None, "path": "a.wav"},
        None,
    ]
    assert Audio().cast_storage(pa.array([b"x"])).to_pylist() == [{"bytes": b"x", "path": None}]


def test_audio_comes_at_the_rate_that_was_asked_for() -> None:
    pytest.importorskip("soundfile")
    second = (np.sin(np.arange(16_000) / 20) * 20_000).astype("<i2")

    read = Audio(sampling_rate=8_000).decode_example({"bytes": wav(second), "path": None})

    assert read["sampling_rate"] == 8_000
    assert len(read["array"]) == 8_000
    assert np.allclose(read["array"][200:-200], second[400:-400:2] / 32768, atol=1e-3)

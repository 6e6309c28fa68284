"""Unpacking into a folder: whole or not at all, and never outside it."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import archives
import pytest

from hfhub.errors import ArchiveError, ArchiveLimitError, CacheFullError, UnsafeArchiveError
from hfhub.extract import Limits, extract
from hfhub.extract.limits import Meter

MADE = archives.all_archives(archives.FILES)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def pack(tmp_path: Path):
    def write(data: bytes, name: str = "archive") -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("kind", MADE)
def test_every_kind_unpacks_to_its_files(kind: str, pack, tmp_path: Path) -> None:
    out = extract(pack(MADE[kind]), tmp_path / "out")
    assert out == tmp_path / "out"
    assert contents(out) == archives.FILES


@pytest.mark.parametrize("ending", [e for e in archives.CODECS if e])
def test_a_single_compressed_file_becomes_a_file(ending: str, pack, tmp_path: Path) -> None:
    packed = pack(archives.CODECS[ending](b"rows\n"), f"rows.jsonl{ending}")
    assert extract(packed, tmp_path / "rows").read_bytes() == b"rows\n"
    kept = extract(packed, cache_dir=tmp_path / "cache")
    assert (kept.name, kept.read_bytes()) == ("rows.jsonl", b"rows\n")


def test_the_same_bytes_are_unpacked_into_the_cache_once(pack, tmp_path: Path) -> None:
    first = extract(pack(MADE["tar.gz"], "a"), cache_dir=tmp_path / "c")
    made = (first / "readme.txt").stat().st_ctime_ns
    second = extract(pack(MADE["tar.gz"], "b"), cache_dir=tmp_path / "c")
    assert first == second
    assert contents(second) == archives.FILES
    assert (second / "readme.txt").stat().st_ctime_ns == made


def test_an_existing_target_is_left_alone(pack, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    with pytest.raises(FileExistsError):
        extract(pack(MADE["tar"]), tmp_path / "out")
    assert contents(tmp_path / "out") == {"mine": b"x"}


def test_an_empty_target_folder_may_be_there(pack, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert contents(extract(pack(MADE["tar"]), tmp_path / "out")) == archives.FILES


def test_of_two_members_with_one_name_the_later_stays(pack, tmp_path: Path) -> None:
    end = 1024  # two blocks of zeros
    one, two = archives.tar({"a": b"old"}), archives.tar({"a": b"new"})
    joined = one.rstrip(b"\0").ljust(1024, b"\0") + two
    assert end
    assert contents(extract(pack(joined), tmp_path / "out")) == {"a": b"new"}


def test_links_inside_the_folder_are_made(pack, tmp_path: Path) -> None:
    packed = archives.tar(
        {
            "d/a": b"x",
            "d/soft": ("symlink", "a"),
            "up": ("symlink", "d/../d/a"),
            "hard": ("hardlink", "d/a"),
        }
    )
    out = extract(pack(packed), tmp_path / "out")
    assert os.readlink(out / "d" / "soft") == "a"
    assert contents(out) == {"d/a": b"x", "d/soft": b"x", "up": b"x", "hard": b"x"}
    assert (out / "hard").stat().st_ino == (out / "d" / "a").stat().st_ino


def test_only_the_owners_right_to_run_is_kept(pack, tmp_path: Path) -> None:
    import io
    import tarfile

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, mode in (("tool", 0o4777), ("plain", 0o666)):
            info = tarfile.TarInfo(name)
            info.mode = mode
            archive.addfile(info, io.BytesIO())
    out = extract(pack(made.getvalue()), tmp_path / "out")
    assert stat.S_IMODE((out / "tool").stat().st_mode) == 0o755
    assert not stat.S_IMODE((out / "plain").stat().st_mode) & 0o111


HOSTILE_NAMES = [
    "../evil",
    "a/../../evil",
    "a/b/../../../evil",
    "..",
    "a/..",
    "/evil",
    "/tmp/evil",
    "//server/share/evil",
    "\\\\server\\share\\evil",
    "\\evil",
    "C:evil",
    "C:\\evil",
    "c:/evil",
    "Z:\\..\\evil",
    "..\\evil",
    "a\\..\\..\\evil",
    "a/..\\..\\evil",
    "CON",
    "con.txt",
    "a/NUL",
    "aux.jsonl",
    "PRN.tar.gz",
    "COM1",
    "lpt9.log",
    "COM¹",
    "CONIN$",
    "name.",
    "name ",
    "dir./file",
    "dir /file",
    "a/...",
    "NUL .txt",
]
HOSTILE_LINKS = [
    ("symlink", "/etc/passwd"),
    ("symlink", "../outside"),
    ("symlink", "a/../../outside"),
    ("symlink", ".."),
    ("symlink", "\\\\server\\share"),
    ("symlink", "C:\\Windows"),
    ("symlink", "..\\outside"),
    ("symlink", ""),
    ("hardlink", "/etc/passwd"),
    ("hardlink", "../outside"),
    ("hardlink", "not-there"),
    ("hardlink", "C:x"),
    ("fifo", ""),
    ("device", ""),
    ("block", ""),
]
HOSTILE_SETS: dict[str, dict[str, archives.Entry]] = {
    "file written through a symlink": {"d": ("symlink", "e"), "e/x": b"", "d/evil": b"x"},
    "folder made through a symlink": {"d": ("symlink", "."), "d/sub/x": b"x"},
    "link chain that leaves": {
        "a/b/c": b"",
        "a/b/up": ("symlink", ".."),
        "top": ("symlink", "a/b/up/.."),
        "out": ("symlink", "top/.."),
    },
    "link up through a link": {
        "d1/d2/up": ("symlink", "../.."),
        "z": ("symlink", "d1/d2/up/.."),
    },
    "hard link to a symlink": {"s": ("symlink", "t"), "t": b"", "h": ("hardlink", "s")},
    "hard link through a symlink": {
        "d/f": b"",
        "s": ("symlink", "d"),
        "h": ("hardlink", "s/f"),
    },
    "names that differ by case": {"Readme": b"1", "README": b"2"},
    "folders that differ by case": {"Data/a": b"1", "data/b": b"2"},
    "names that differ by normal form": {"caf\u00e9": b"1", "cafe\u0301": b"2"},
    "symlink over the folder": {".": ("symlink", "x")},
    "deeper than allowed": {"/".join(["d"] * 70): b""},
}


def hostile() -> dict[str, bytes]:
    cases = {}
    for name in HOSTILE_NAMES:
        cases[f"tar name {name!r}"] = archives.tar({name: b"evil"})
        cases[f"zip name {name!r}"] = archives.zipped({name: b"evil"})
    for kind, target in HOSTILE_LINKS:
        cases[f"tar {kind} {target!r}"] = archives.tar({"a/x": b"", "link": (kind, target)})
        if kind not in ("hardlink", "block"):
            cases[f"zip {kind} {target!r}"] = archives.zipped({"a/x": b"", "link": (kind, target)})
    for name, entries in HOSTILE_SETS.items():
        cases[f"tar {name}"] = archives.tar(entries)
        if not any(isinstance(e, tuple) and e[0] == "hardlink" for e in entries.values()):
            cases[f"zip {name}"] = archives.zipped(entries)
    cases["zip name with NUL"] = archives.zipped({"a\0/../b": b""})
    cases["zip name that is only NUL"] = archives.zipped({"\0": b""})
    return cases


HOSTILE = hostile()


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_archives_are_refused_and_leave_nothing(case: str, pack, tmp_path: Path) -> None:
    packed = pack(HOSTILE[case])
    with pytest.raises(UnsafeArchiveError) as caught:
        extract(packed, tmp_path / "box" / "out")
    assert caught.value.archive == str(packed)
    assert caught.value.member is not None
    assert os.listdir(tmp_path / "box") == []
    assert sorted(os.listdir(tmp_path)) == ["box", "in"]


def test_letter_case_may_be_allowed_to_clash(pack, tmp_path: Path) -> None:
    packed = pack(archives.tar({"Readme": b"1", "README": b"2"}))
    out = extract(packed, tmp_path / "out", limits=Limits(allow_case_clash=True))
    assert contents(out) == {"Readme": b"1", "README": b"2"}


BOMBS = {
    "bytes": (archives.tar({"a": bytes(5000)}), Limits(max_bytes=4999), "max_bytes=4999"),
    "ratio": (
        archives.CODECS[".gz"](bytes(3_000_000)),
        Limits(ratio_floor=100_000),
        "max_ratio=250",
    ),
    "zip ratio": (
        archives.zipped({"a": bytes(3_000_000)}),
        Limits(ratio_floor=100_000),
        "max_ratio=250",
    ),
    "entries": (archives.zipped({str(n): b"" for n in range(9)}), Limits(max_entries=8), "8"),
    "depth": (archives.tar({"a/b/c": b""}), Limits(max_depth=2), "max_depth=2"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_what_goes_over_a_limit_is_stopped_and_leaves_nothing(
    case: str, pack, tmp_path: Path
) -> None:
    data, limits, text = BOMBS[case]
    with pytest.raises(ArchiveError, match=text):
        extract(pack(data), tmp_path / "box" / "out", limits=limits)
    assert os.listdir(tmp_path / "box") == []


def test_a_bomb_is_stopped_at_the_limit_and_not_behind_it(tmp_path: Path) -> None:
    meter = Meter(Limits(max_bytes=10_000), "a", None)
    with pytest.raises(ArchiveLimitError):
        for _ in range(10):
            meter.add(min(3_000, meter.room()), "m")
    assert meter.written == 10_001  # one byte more, which was seen and not written


def test_a_full_disk_is_a_typed_error_and_leaves_nothing(pack, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        packed = pack(archives.CODECS[".gz"](archives.tar({"a": os.urandom(600_000)})))
        with pytest.raises(CacheFullError):
            extract(packed, cache_dir=disk)
        assert os.listdir(disk / ".hfhub" / "extracted") == []
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_exactly_the_limit_is_allowed(pack, tmp_path: Path) -> None:
    packed = pack(archives.tar({"a": bytes(5000)}))
    extract(packed, tmp_path / "out", limits=Limits(max_bytes=5000, max_entries=1, max_depth=1))


@pytest.mark.parametrize("kind", ["tar.gz", "zip-deflate", "tar"])
def test_a_damaged_archive_leaves_nothing(kind: str, pack, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError):
        extract(pack(MADE[kind][: len(MADE[kind]) * 2 // 3]), tmp_path / "box" / "out")
    assert os.listdir(tmp_path / "box") == []


def test_a_name_that_is_file_and_folder_is_an_error(pack, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="both a file and a folder"):
        extract(pack(archives.tar({"a": b"", "a/b": b""})), tmp_path / "out")


ENTRIES = {f"f{n}": os.urandom(20_000) for n in range(200)}
KILLED = {
    "tar": lambda: archives.tar(ENTRIES),
    "tar.zst": lambda: archives.CODECS[".zst"](archives.tar(ENTRIES)),
    "zip": lambda: archives.zipped(ENTRIES),
}
EXTRACT = """
import sys
from hfhub.extract import extract
print("ready", flush=True)
extract(sys.argv[1], cache_dir=sys.argv[2])
"""


def seconds_to_extract(packed: Path, cache: Path, at_most: float) -> float | None:
    """How long a process of its own takes; None if it was killed, because it took longer."""
    command = [sys.executable, "-c", EXTRACT, packed, cache]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        started = time.monotonic()
        try:
            assert process.wait(at_most) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            return None
        return time.monotonic() - started


def kill_extractions(packed: Path, cache: Path, times: int) -> None:
    """Kill so many extractions, at any moment of their work; then one runs to its end."""
    takes = seconds_to_extract(packed, cache.with_name("timed"), 60)
    assert takes is not None
    results = cache / ".hfhub" / "extracted"
    kills = 0
    while kills < times:
        kills += seconds_to_extract(packed, cache, random.uniform(0, takes)) is None
        for whole in results.glob("[0-9a-f]*"):
            assert contents(whole) == ENTRIES
            shutil.rmtree(whole)  # so that the next one has something to do
    out = extract(packed, cache_dir=cache)
    assert contents(out) == ENTRIES
    assert [p.name for p in out.parent.iterdir()] == [out.name]


on_posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")


@on_posix
def test_a_killed_extraction_leaves_no_target_and_the_next_one_finishes(
    pack, tmp_path: Path
) -> None:
    kill_extractions(pack(KILLED["tar"]()), tmp_path / "cache", 4)


@on_posix
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KILLED)
def test_a_hundred_killed_extractions_leave_no_half_and_no_rest(
    kind: str, pack, tmp_path: Path
) -> None:
    kill_extractions(pack(KILLED[kind]()), tmp_path / "cache", 100)


def test_a_7z_archive_unpacks(pack, tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr", reason="the extra 7z is not installed")
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, data in archives.FILES.items():
            archive.writestr(data, name)
    assert contents(extract(path, tmp_path / "out")) == archives.FILES

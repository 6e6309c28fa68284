"""Large files: parts, resume, restarts. Each test runs over real HTTP, with the Hub's faults."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hfhub import settings
from hfhub.download.file import hf_hub_download
from hfhub.errors import HfHubHTTPError, HubConnectionError, HubTimeoutError, IntegrityError

REPO = "owner/name"
MIB = 1 << 20
DATA = os.urandom(5 * MIB + 123)
SLACK = MIB  # what may be fetched again after a break


@pytest.fixture
def impatient(monkeypatch):
    """Give up after the first failure without progress."""
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    settings.reload()


def download(name: str = "a.bin", **options: object) -> bytes:
    path = hf_hub_download(REPO, name, repo_type="dataset", **options)
    assert isinstance(path, str)
    return Path(path).read_bytes()


def sent(hub) -> int:
    return sum(seen.nbytes for seen in hub.requests if seen.file)


def ranges(hub) -> list[str | None]:
    return [seen.range for seen in hub.requests if seen.file and seen.method == "GET"]


def first_byte(range_header: str | None) -> int:
    return int(re.findall(r"\d+", range_header or "0")[0])


def unfinished() -> list[Path]:
    folder = settings.current().cache_dir / ".hfhub" / "partial"
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("lfs", [[], ["*"]], ids=["regular", "lfs"])
@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_body_that_breaks_off_is_resumed_at_the_byte(local_hub, lfs, fault):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=lfs)
    getattr(local_hub.faults, fault)(
        after=2 * MIB + 17, path="*a.bin", method="GET", times=1, skip=1
    )
    assert download() == DATA
    # After a reset, what the kernel had received and we had not read is lost with the connection.
    if fault == "cut":
        assert sent(local_hub) == len(DATA)
        assert first_byte(ranges(local_hub)[-1]) == 2 * MIB + 17


def test_a_body_that_breaks_off_again_and_again_arrives_as_long_as_bytes_come(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    fault = local_hub.faults.cut(after=MIB // 2, origin="cdn")
    assert download() == DATA
    assert fault.hits >= 10
    assert sent(local_hub) == len(DATA)


def test_a_stall_is_a_failure_that_is_resumed(local_hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "0.3")
    settings.reload()
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.stall(after=MIB, origin="cdn", times=1)
    assert download() == DATA
    assert first_byte(ranges(local_hub)[-1]) == MIB


def test_a_stall_that_does_not_end_is_a_timeout_error(local_hub, monkeypatch, impatient):
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "0.2")
    settings.reload()
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.stall(after=0, origin="cdn")
    with pytest.raises(HubTimeoutError):
        download()


def test_a_later_call_goes_on_where_an_earlier_one_broke_off(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    with local_hub.faults.cut(after=3 * MIB, origin="cdn", times=1):
        local_hub.faults.cut(after=0, origin="cdn", skip=1)
        with pytest.raises(HubConnectionError):
            download()
    local_hub.faults.clear()
    local_hub.clear_requests()
    assert download() == DATA
    assert ranges(local_hub) == [f"bytes={3 * MIB}-"]
    assert sent(local_hub) == len(DATA) - 3 * MIB
    assert unfinished() == []


def test_a_resumed_request_names_the_validator_of_the_bytes(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=MIB, origin="cdn", times=1)
    assert download() == DATA
    last = [seen for seen in local_hub.requests if seen.file][-1]
    assert last.range == f"bytes={MIB}-"
    assert last.headers["if-range"].startswith('"')


def test_a_server_that_ignores_ranges_makes_a_clean_restart(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=3 * MIB, origin="cdn", times=1)
    local_hub.faults.ignore_range(origin="cdn")
    assert download() == DATA


def test_a_file_that_changed_under_the_same_link_makes_a_clean_restart(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=3 * MIB, origin="cdn", times=1)
    local_hub.faults.change_etag(origin="cdn", times=1)  # so that the If-Range of the resume fails
    assert download() == DATA


def test_an_expired_link_is_renewed_and_the_download_goes_on(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=3 * MIB, origin="cdn", times=1)
    local_hub.faults.expired_link(origin="cdn", times=1, skip=1)
    assert download() == DATA
    assert sent(local_hub) == len(DATA)


def test_a_link_that_never_works_is_the_servers_error(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.expired_link(origin="cdn")
    with pytest.raises(HfHubHTTPError) as caught:
        download()
    assert caught.value.response.status_code == 403


def test_a_server_error_on_the_body_is_tried_again(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=MIB, origin="cdn", times=1)
    local_hub.faults.status(503, origin="cdn", times=1, skip=1)
    assert download() == DATA
    assert sent(local_hub) == len(DATA)


def test_an_error_page_is_never_written(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.status(500, body=b"<html>" * 1000, origin="cdn")
    with pytest.raises(HfHubHTTPError):
        download()
    assert all(b"html" not in path.read_bytes() for path in unfinished())


@pytest.mark.parametrize("what", ["garbage", "foreign", "short"])
def test_a_state_that_is_torn_or_foreign_is_thrown_away(local_hub, impatient, what):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=2 * MIB, origin="cdn", times=1)
    local_hub.faults.cut(after=0, origin="cdn", skip=1)
    with pytest.raises(HubConnectionError):
        download()
    local_hub.faults.clear()
    (path,) = unfinished()
    raw = bytearray(path.read_bytes())
    if what == "garbage":
        raw[len(DATA) :] = os.urandom(len(raw) - len(DATA))
    elif what == "foreign":
        raw[len(DATA) + 8 : len(DATA) + 16] = (99).to_bytes(8, "little")
    else:
        del raw[-4:]
    path.write_bytes(raw)
    local_hub.clear_requests()
    assert download() == DATA
    assert ranges(local_hub)[0] is None


def test_bytes_of_an_earlier_try_that_were_altered_are_fetched_again(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=2 * MIB, origin="cdn", times=1)
    local_hub.faults.cut(after=0, origin="cdn", skip=1)
    with pytest.raises(HubConnectionError):
        download()
    local_hub.faults.clear()
    (path,) = unfinished()
    with path.open("r+b") as file:
        file.seek(MIB)
        file.write(b"altered")
    assert download() == DATA


def test_a_restart_by_wrong_bytes_is_told_to_the_bar(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.corrupt(at=MIB, origin="cdn", times=1)
    seen = []

    class Bar:
        def __init__(self, **options):
            pass

        def update(self, n):
            seen.append(n)

        def close(self):
            pass

    assert download(tqdm_class=Bar) == DATA
    assert sum(seen) == len(DATA)
    assert min(seen) == -len(DATA)


def test_wrong_bytes_from_a_fresh_start_twice_delete_the_file(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.corrupt(at=MIB, origin="cdn")
    with pytest.raises(IntegrityError):
        download()
    assert unfinished() == []


# --- many parts


@pytest.fixture
def parts(monkeypatch):
    monkeypatch.setenv("HFHUB_ATTEMPTS", "2")
    settings.reload()
    monkeypatch.setattr("hfhub.download.ledger.PART_SIZE", MIB)


def test_a_large_file_outside_the_hub_comes_in_parts_at_once(local_hub, parts):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.latency(0.05, origin="cdn")
    assert download() == DATA
    assert sent(local_hub) == len(DATA)
    assert sorted(map(first_byte, ranges(local_hub))) == [n * MIB for n in range(6)]
    assert local_hub.count(origin="hub", redirects=True) == 1


def test_a_large_file_at_the_hub_itself_comes_in_one_stream(local_hub, parts):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=[])
    assert download() == DATA
    assert ranges(local_hub) == [None]


@pytest.mark.parametrize("seed", range(4))
def test_parts_that_break_off_anywhere_are_each_resumed(local_hub, parts, seed):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.seed = seed
    local_hub.faults.clear()
    local_hub.faults.cut(origin="cdn", times=12)
    assert download() == DATA
    assert sent(local_hub) == len(DATA)


def test_a_server_that_begins_to_ignore_ranges_in_the_middle_makes_a_clean_restart(
    local_hub, parts
):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.ignore_range(origin="cdn", skip=2)
    assert download() == DATA


def test_parts_of_a_file_that_changed_make_a_clean_restart(local_hub, parts):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.change_etag(origin="cdn", times=1)
    assert download() == DATA


KILLED = """
import os, sys, threading, time
from hfhub import settings
from hfhub.download import ledger
ledger.PART_SIZE = 1 << 20
from hfhub.download.file import hf_hub_download
if sys.argv[2] == "no-locks":
    import fcntl
    fcntl.flock = lambda fd, flags: None

def end():
    begun = settings.current().cache_dir / ".hfhub" / "partial"
    while not any(path.stat().st_blocks for path in begun.rglob("*") if path.is_file()):
        time.sleep(0.01)
    time.sleep(float(sys.argv[1]))
    os.kill(os.getpid(), int(sys.argv[3]))

threading.Thread(target=end, daemon=True).start()
hf_hub_download("owner/name", "a.bin", repo_type="dataset")
"""


@pytest.mark.parametrize(
    ("locks", "how"),
    [
        ("locks", signal.SIGKILL),
        ("no-locks", signal.SIGKILL),
        ("locks", signal.SIGINT),
    ],
)
def test_an_ended_process_leaves_what_the_next_one_goes_on_with(
    local_hub, tmp_path, parts, locks, how, monkeypatch
):
    data = os.urandom(24 * MIB)
    local_hub.add(REPO, {"a.bin": data}, lfs=["*"])
    if locks == "no-locks":
        monkeypatch.setattr("fcntl.flock", lambda fd, flags: None)
    with local_hub.faults.bandwidth(4e6, origin="cdn"):
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", KILLED, "0.4", locks, str(int(how))],
                check=False,
                env=os.environ,
                stderr=subprocess.DEVNULL,
            )
            assert done.returncode in (-how, 1)
    had = max(present(path, len(data)) for path in unfinished())
    assert had > 0
    assert not list(settings.current().cache_dir.glob("datasets--*/blobs/*"))
    local_hub.clear_requests()
    assert download() == data
    assert sent(local_hub) <= len(data) - had + SLACK
    if locks == "locks":
        assert unfinished() == []


def present(path: Path, size: int) -> int:
    """Bytes that are really there, by the bytes themselves: what is missing is zeros."""
    raw = path.read_bytes()[:size]
    return len(raw) - raw.count(0) * 256 // 255


def test_a_server_that_cuts_every_answer_short_ends_the_download_and_loses_nothing(
    local_hub, parts, monkeypatch
):
    monkeypatch.setattr("hfhub.download.patience._BREAKS", 4)
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    settings.reload()
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=503, origin="cdn", method="GET")
    with pytest.raises(HubConnectionError):
        download()
    local_hub.faults.clear()
    assert download() == DATA

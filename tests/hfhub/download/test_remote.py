from __future__ import annotations

import io
import random
import threading

import pytest

from hfhub import settings
from hfhub.download.remote import open_remote, resolve_url
from hfhub.errors import HfHubHTTPError, IntegrityError, RemoteEntryNotFoundError
from hfhub.http import client_for

REPO = "owner/name"
MIB = 1 << 20
SMALL = random.Random(1).randbytes(50_000)
LARGE = random.Random(2).randbytes(12 * MIB + 7)


@pytest.fixture(params=["regular", "lfs"])
def hub(request, local_hub):
    lfs = ["*"] if request.param == "lfs" else []
    local_hub.add(REPO, {"small.bin": SMALL, "large.bin": LARGE, "empty.bin": b""}, lfs=lfs)
    return local_hub


def remote(name: str = "large.bin"):
    return open_remote(REPO, name, repo_type="dataset")


def ranges(hub) -> list[str | None]:
    return [seen.range for seen in hub.requests if seen.file and seen.method == "GET"]


def test_opening_costs_one_request_and_no_bytes(hub):
    with remote() as file:
        assert file.size == len(LARGE)
    assert hub.count() <= 1
    assert {seen.method for seen in hub.requests} == {"HEAD"}


@pytest.mark.parametrize(
    ("name", "data"), [("small.bin", SMALL), ("large.bin", LARGE), ("empty.bin", b"")]
)
def test_reading_it_all_gives_its_bytes(hub, name, data):
    with remote(name) as file:
        assert file.read() == data
        assert file.read() == b""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "data"), [("small.bin", SMALL), ("large.bin", LARGE)])
def test_any_reads_and_seeks_give_what_a_local_file_gives(hub, name, data, seed):
    dice = random.Random(seed)
    local = io.BytesIO(data)
    with remote(name) as file:
        for _ in range(25):
            if dice.random() < 0.4:
                place = dice.randrange(len(data) + 10)
                assert file.seek(place) == local.seek(place)
            count = dice.choice([0, 1, 100, 70_000, 300_000])
            assert file.read(count) == local.read(count)
            assert file.tell() == local.tell()


def test_seeking_relates_to_start_place_and_end(hub):
    with remote() as file:
        assert file.seek(-7, io.SEEK_END) == len(LARGE) - 7
        assert file.read() == LARGE[-7:]
        file.seek(100)
        assert file.seek(5, io.SEEK_CUR) == 105
        with pytest.raises(ValueError, match="before the start"):
            file.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            file.seek(0, 7)


def test_readinto_and_wrappers_work(hub):
    with remote() as file:
        buffer = bytearray(1000)
        assert file.readinto(buffer) == 1000
        assert buffer == LARGE[:1000]
        assert io.BufferedReader(file, 4096).read(5000) == LARGE[1000:6000]


def test_text_can_be_read_by_line(local_hub):
    text = "".join(f"line {n} ä\n" for n in range(200_000))
    local_hub.add(REPO, {"a.txt": text})
    with io.TextIOWrapper(
        open_remote(REPO, "a.txt", repo_type="dataset"), encoding="utf-8"
    ) as file:
        assert list(file) == text.splitlines(keepends=True)


def test_near_ranges_come_with_one_request_and_far_ones_each_with_one(hub):
    far, end = 9 * MIB, len(LARGE)
    wanted = [(far, far + 10), (0, 100), (200, 300), (5, 5), (end - 5, end + 9)]
    with remote() as file:
        hub.clear_requests()
        got = file.read_ranges(wanted)
        assert got == [LARGE[start:stop] for start, stop in wanted]
        asked = {text for text in ranges(hub) if text}
        assert asked == {"bytes=0-299", f"bytes={far}-{far + 9}", f"bytes={end - 5}-{end - 1}"}
        assert file.tell() == 0


def test_a_wide_range_comes_over_several_connections(hub):
    with remote() as file:
        hub.clear_requests()
        assert file.read_range(1, len(LARGE)) == LARGE[1:]
    assert len(ranges(hub)) >= 2


def test_a_range_that_runs_backwards_is_refused(hub):
    with remote() as file, pytest.raises(ValueError, match="not a range"):
        file.read_ranges([(5, 3)])


def test_reading_on_fetches_ahead_and_asks_seldom(hub):
    with remote() as file:
        hub.clear_requests()
        pieces = []
        while piece := file.read(10_000):
            pieces.append(piece)
        assert b"".join(pieces) == LARGE
    assert len(ranges(hub)) <= 12


def test_many_threads_read_one_file(hub):
    wrong = []
    with remote() as file:

        def work(seed: int) -> None:
            dice = random.Random(seed)
            for _ in range(5):
                start = dice.randrange(len(LARGE))
                stop = start + dice.randrange(200_000)
                if file.read_range(start, stop) != LARGE[start:stop]:
                    wrong.append((start, stop))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_breaks_are_resumed_at_the_byte(hub):
    with remote() as file:
        hub.clear_requests()
        hub.faults.cut(after=100_000, method="GET", path="*large.bin", times=6, skip=1)
        assert file.read() == LARGE
    assert sum(seen.nbytes for seen in hub.requests if seen.file) <= len(LARGE) + MIB


def test_an_expired_link_is_made_anew(local_hub):
    local_hub.add(REPO, {"large.bin": LARGE}, lfs=["*"])
    with remote() as file:
        assert file.read(10) == LARGE[:10]
        local_hub.faults.expired_link(origin="cdn", times=1)
        assert file.read_range(5 * MIB, 6 * MIB) == LARGE[5 * MIB : 6 * MIB]


def test_a_server_that_ignores_ranges_is_read_past_what_is_not_wanted(hub):
    with remote() as file:
        hub.faults.ignore_range()
        assert file.read_range(MIB, MIB + 10) == LARGE[MIB : MIB + 10]


def test_another_etag_is_taken_when_the_hub_confirms_the_file(local_hub):
    local_hub.add(REPO, {"large.bin": LARGE}, lfs=["*"])
    with remote() as file:
        file.read(10)
        local_hub.faults.change_etag(origin="cdn")
        assert file.read_range(5 * MIB, 6 * MIB) == LARGE[5 * MIB : 6 * MIB]


def test_a_file_of_another_size_is_an_error(local_hub):
    local_hub.add(REPO, {"large.bin": LARGE}, lfs=["*"])
    with remote() as file:
        local_hub.faults.ignore_range(origin="cdn")
        local_hub.faults.truncate(after=3 * MIB, origin="cdn")
        with pytest.raises(IntegrityError):
            file.read_range(MIB, 2 * MIB)


def test_no_memory_is_set_aside_for_a_size_that_is_not_true(local_hub):
    local_hub.add(REPO, {"large.bin": LARGE}, lfs=["*"])
    local_hub.faults.headers({"X-Linked-Size": str(10**17)})
    with remote() as file, pytest.raises(IntegrityError, match=f"large.bin: expected {10**17}"):
        file.read()


def test_a_small_file_with_a_wrong_byte_is_an_error(local_hub):
    local_hub.add(REPO, {"small.bin": SMALL}, lfs=["*"])
    with remote("small.bin") as file:
        local_hub.faults.corrupt(at=5, origin="cdn")
        with pytest.raises(IntegrityError):
            file.read(10)


def test_a_closed_file_says_so(hub):
    file = remote()
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.read(1)


def test_a_missing_file_is_an_error_at_once(hub):
    with pytest.raises(RemoteEntryNotFoundError):
        remote("none.bin")


def test_a_moved_branch_changes_nothing_for_an_open_file(local_hub):
    local_hub.add(REPO, {"a.bin": b"old"}, lfs=["*"])
    with remote("a.bin") as file:
        local_hub.add(REPO, {"a.bin": b"new"}, lfs=["*"])
        assert file.read() == b"old"


def test_a_resolved_lfs_file_is_read_without_a_token_by_anyone(local_hub):
    local_hub.add_token("hf_a", "ann")
    sha = local_hub.add("ann/secret", {"a.bin": SMALL}, lfs=["*"], private=True)
    target = resolve_url("ann/secret", "a.bin", repo_type="dataset", token="hf_a")
    assert target.is_signed
    assert target.url.startswith(local_hub.cdn)
    assert (target.size, target.commit) == (len(SMALL), sha)
    assert target.is_fresh()
    assert not target.is_fresh(1e6)
    client = client_for(settings.current(), False)
    assert client.request("GET", target.url).content == SMALL


def test_a_resolved_regular_file_lies_at_the_hub(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello"})
    target = resolve_url(REPO, "a.txt", repo_type="dataset")
    assert not target.is_signed
    assert target.expires is None
    assert target.url.startswith(local_hub.endpoint)


def test_a_link_that_never_works_is_the_servers_error(local_hub):
    local_hub.add(REPO, {"large.bin": LARGE}, lfs=["*"])
    with remote() as file:
        local_hub.faults.expired_link(origin="cdn")
        with pytest.raises(HfHubHTTPError):
            file.read(1)

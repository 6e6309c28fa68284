from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hfhub.digest import Digest
from hfhub.download.partial import Partial, claim, last_write

DIGEST = Digest("sha256", "ab" * 32)
SIZE = 3000


@pytest.fixture
def base(tmp_path: Path) -> str:
    return str(tmp_path / "partial" / DIGEST.hex)


@pytest.fixture
def no_locks(monkeypatch):
    monkeypatch.setattr("fcntl.flock", lambda fd, flags: None)


def take(base: str, **options: bool) -> Partial:
    partial = claim(base, DIGEST, SIZE, resume=True, **options)
    assert partial is not None
    return partial


def leave(base: str, count: int) -> str:
    """What a process leaves that was killed after ``count`` bytes."""
    partial = take(base)
    ledger = partial.begin('"e"')
    os.pwrite(partial.fd, b"x" * count, 0)
    ledger.done[0] = count
    ledger.record(partial.fd, 0)
    partial.close()
    return partial.path


def files(base: str) -> list[Path]:
    return sorted(Path(base).parent.iterdir())


def test_a_second_owner_has_to_wait(base):
    with take(base):
        assert claim(base, DIGEST, SIZE, resume=True) is None
    with take(base):
        pass


def test_the_next_owner_goes_on_in_the_same_file(base):
    left = leave(base, 1234)
    with take(base) as partial:
        assert partial.path == left
        assert partial.ledger is not None
        assert partial.ledger.present == 1234
    assert len(files(base)) == 1


def test_where_locks_do_nothing_the_next_owner_copies_into_a_file_of_its_own(base, no_locks):
    left = leave(base, 1234)
    with take(base) as partial:
        assert partial.path != left
        assert partial.ledger is not None
        assert partial.ledger.present == 1234
        assert os.pread(partial.fd, 2000, 0)[:1235] == b"x" * 1234 + b"\0"
        assert not os.path.samefile(partial.path, left)


def test_where_locks_do_nothing_two_owners_never_share_a_file(base, no_locks):
    with take(base) as one, take(base) as two, take(base) as three:
        assert len({os.fstat(p.fd).st_ino for p in (one, two, three)}) == 3


def test_of_several_leftovers_the_fullest_is_taken(base, no_locks):
    leave(base, 10)
    leave(base, 2000)
    leave(base, 500)
    with take(base) as partial:
        assert partial.ledger is not None
        assert partial.ledger.present == 2000


def test_what_another_machine_left_is_copied_and_its_file_kept(base, monkeypatch):
    monkeypatch.setattr("hfhub.download.partial.boot_name", lambda: "00000000")
    left = leave(base, 100)
    monkeypatch.undo()
    with take(base) as partial:
        assert partial.ledger is not None
        assert partial.ledger.present == 100
        partial.tidy()
    assert os.path.exists(left)


def test_old_leftovers_are_tidied_away(base, monkeypatch):
    monkeypatch.setattr("hfhub.download.partial.boot_name", lambda: "00000000")
    left = leave(base, 100)
    monkeypatch.undo()
    long_ago = time.time() - 7200
    os.utime(left, (long_ago, long_ago))
    with take(base) as partial:
        partial.tidy()
    assert not os.path.exists(left)


def test_a_sealed_file_has_its_size_and_a_name_that_nobody_claims(base):
    with take(base) as partial:
        partial.begin("")
        path = partial.seal()
        assert os.path.getsize(path) == SIZE
        with take(base) as other:
            assert other.path != path


def test_a_file_that_was_replaced_is_not_sealed(base):
    with take(base) as partial:
        partial.begin("")
        os.unlink(partial.path)
        Path(partial.path).write_bytes(b"someone else's")
        with pytest.raises(FileNotFoundError):
            partial.seal()


def test_a_file_that_is_sealed_but_not_moved_is_resumed_as_whole(base):
    with take(base) as partial:
        partial.begin("")
        partial.seal()
    with take(base) as partial:
        assert partial.ledger is not None
        assert partial.ledger.present == SIZE


def test_alone_means_a_file_of_ones_own_at_once(base):
    with take(base) as owner, take(base, alone=True) as other:
        assert owner.path != other.path


def test_a_small_file_is_filled_in_one_go(base):
    partial = claim(base, DIGEST, 5, resume=False)
    assert partial is not None
    with partial:
        path = partial.fill(b"hello")
    assert Path(path).read_bytes() == b"hello"


def test_a_leftover_in_the_place_of_a_small_file_is_overwritten(base):
    leave(base, 2000)
    partial = claim(base, DIGEST, 5, resume=False)
    assert partial is not None
    with partial:
        path = partial.fill(b"hello")
    assert Path(path).read_bytes() == b"hello"


def test_the_last_write_is_told(base):
    assert last_write(base) == 0.0
    leave(base, 10)
    assert abs(last_write(base) - time.time()) < 60


def test_room_for_the_whole_file_is_reserved(base):
    with take(base) as partial:
        partial.begin("")
        assert os.fstat(partial.fd).st_blocks * 512 >= SIZE


def test_permissions_follow_the_umask(base):
    before = os.umask(0o027)
    try:
        with take(base) as partial:
            assert os.fstat(partial.fd).st_mode & 0o777 == 0o640
    finally:
        os.umask(before)


def test_without_any_locks_as_on_windows_files_are_closed_before_they_move(base, monkeypatch):
    monkeypatch.setattr("hfhub.download.partial._CAN_LOCK", False)
    with take(base) as partial:
        partial.begin("")
        path = partial.seal()
        assert partial.fd == -1
        assert os.path.getsize(path) == SIZE
    small = claim(base, DIGEST, 5, resume=False)
    assert small is not None
    with small:
        assert Path(small.fill(b"hello")).read_bytes() == b"hello"
        assert small.fd == -1

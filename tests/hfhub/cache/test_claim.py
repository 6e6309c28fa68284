from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from hfhub.cache.claim import claim


def test_one_holds_it_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "locks" / "x.lock")
    inside, most = 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(10):
            with claim(path) as held:
                assert held
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 1


def test_nothing_is_left_of_it_even_after_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"

    with pytest.raises(KeyError), claim(str(path)):
        assert path.exists()
        raise KeyError

    assert not path.exists()


def test_who_does_not_want_to_wait_goes_on_without(tmp_path: Path) -> None:
    path = str(tmp_path / "x.lock")

    with claim(path) as first, claim(path, timeout=0) as second:
        assert (first, second) == (True, False)


def test_where_no_lock_can_be_had_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with claim(str(tmp_path / "file" / "x.lock")) as held:
        assert not held


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "x.lock").symlink_to(tmp_path / "elsewhere")

    with claim(str(tmp_path / "x.lock")) as held:
        assert not held

    assert not os.path.exists(tmp_path / "elsewhere")

"""The garbage collector rests while values are made, and nobody finds it changed."""

from __future__ import annotations

import gc
import os
import threading
from typing import TYPE_CHECKING

import pytest

from crucible_datasets.table.collector import paused

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _collector_on() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_it_rests_inside_and_goes_on_afterwards() -> None:
    with paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(MemoryError), paused():
        raise MemoryError
    assert gc.isenabled()


def test_it_rests_until_the_outermost_pause_ends() -> None:
    with paused():
        with paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_stays_off_where_the_user_turned_it_off() -> None:
    gc.disable()
    with paused():
        pass
    assert not gc.isenabled()


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_it_goes_on_in_whatever_order_threads_end(first_ends_first: bool) -> None:
    inside, leave = threading.Event(), threading.Event()

    def pause() -> None:
        with paused():
            inside.set()
            leave.wait()

    other = threading.Thread(target=pause)
    if first_ends_first:
        with paused():
            other.start()
            inside.wait()
    else:
        other.start()
        inside.wait()
        with paused():
            pass
    leave.set()
    other.join()

    assert gc.isenabled()


def test_many_threads_leave_it_on() -> None:
    def pause_often() -> None:
        for _ in range(500):
            with paused():
                pass

    threads = [threading.Thread(target=pause_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("users_choice", [True, False])
def test_a_process_forked_during_a_pause_has_it_as_the_user_left_it(users_choice: bool) -> None:
    (gc.enable if users_choice else gc.disable)()
    inside, leave = threading.Event(), threading.Event()

    def pause() -> None:
        with paused():
            inside.set()
            leave.wait()

    other = threading.Thread(target=pause)
    other.start()
    inside.wait()
    child = os.fork()
    if child == 0:
        os._exit(0 if gc.isenabled() is users_choice else 1)
    _, status = os.waitpid(child, 0)
    leave.set()
    other.join()

    assert os.waitstatus_to_exitcode(status) == 0

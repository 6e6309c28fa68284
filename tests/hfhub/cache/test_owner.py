from __future__ import annotations

import subprocess
import sys

from hfhub.cache import owner

_CODE = "from hfhub.cache import owner; print(owner.me(), flush=True); input()"


def test_this_process_lives() -> None:
    assert owner.is_alive(owner.me()) is True


def test_another_process_lives_until_it_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        assert owner.is_alive(name) is True
        other.communicate("\n")
    assert owner.is_alive(name) is False


def test_a_later_process_with_the_same_id_is_another() -> None:
    host, pid, _ = owner.me().split("|")

    assert owner.is_alive(f"{host}|{pid}|1") is False


def test_of_another_machine_nothing_is_known() -> None:
    assert owner.is_alive("elsewhere|1|1") is None
    assert owner.is_alive("nonsense") is None


def test_a_forked_child_finds_the_lock_free_that_another_thread_held() -> None:
    code = """
import os, threading
from hfhub.cache.owner import ForkedLock
lock, held, done = ForkedLock(), threading.Event(), threading.Event()
def hold():
    with lock:
        held.set()
        done.wait()
thread = threading.Thread(target=hold)
thread.start()
held.wait()
if (child := os.fork()) == 0:
    with lock:
        os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout.strip() == "7", done.stderr

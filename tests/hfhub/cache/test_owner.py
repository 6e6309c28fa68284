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

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hfhub.local_hub import arguments, serve

if TYPE_CHECKING:
    from pathlib import Path

    from hfhub.local_hub import LocalHub

Ask = Any


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    arguments.add(parser)
    return parser.parse_args(words)


def test_a_process_serves_a_folder_until_it_is_told_to_end(tmp_path: Path, ask: Ask) -> None:
    folder = tmp_path / "datasets" / "owner" / "name"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    command = [sys.executable, "-m", "hfhub.local_hub", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
        assert p.stdout is not None
        endpoint = p.stdout.readline().strip()
        got = ask(f"{endpoint}/api/datasets/owner/name", Authorization="Bearer hf_of_the_real_hub")
        p.send_signal(signal.SIGINT if os.name == "nt" else signal.SIGTERM)
        _, said = p.communicate(timeout=20)
    assert got.json["siblings"] == [{"rfilename": "a.txt"}]
    assert p.returncode == 0
    assert f"HF_ENDPOINT={endpoint}" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere is not a folder"),
        ((".", "--token", "hf_x"), "write USER=TOKEN"),
        ((".", "--host", "203.0.113.1"), "error: "),
    ],
)
def test_wrong_arguments_end_with_2_and_a_line_that_says_why(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve.run(parsed(*words)) == 2
    assert said in capsys.readouterr().err


def test_a_process_mirrors_another_hub(tmp_path: Path, local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    command = [sys.executable, "-m", "hfhub.local_hub", str(tmp_path / "new"), "--port", "0"]
    command += ["--mirror", local_hub.endpoint]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
        assert p.stdout is not None
        endpoint = p.stdout.readline().strip()
        got = ask(endpoint + ask(f"{endpoint}/datasets/owner/name/resolve/main/a.txt").location)
        p.send_signal(signal.SIGTERM)
        _, said = p.communicate(timeout=20)
    assert (got.body, p.returncode) == (b"a", 0)
    assert f"as a mirror of {local_hub.endpoint}" in said

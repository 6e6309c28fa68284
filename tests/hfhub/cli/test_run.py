from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import hfhub as package
from hfhub.cli import main
from hfhub.cli.failure import Failure

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

Hfhub = Any
COMMAND = [sys.executable, "-c", "import sys; from hfhub.cli import main; sys.exit(main())"]


def test_a_real_process(hub: LocalHub, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "download", "ann/net", "config.json"],
        env=hub.env(tmp_path),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()).read_text() == "{}"


def test_a_real_process_that_serves(tmp_path: Path, hfhub: Hfhub) -> None:
    folder = tmp_path / "models" / "ann" / "net"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    serve = [*COMMAND, "serve", str(tmp_path), "--port", "0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
        assert p.stdout is not None
        endpoint = p.stdout.readline().strip()
        ran = hfhub("ls", "ann/net", "--endpoint", endpoint)
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=20)
    assert ran.lines == ["config.json"]
    assert p.returncode == 0


def test_a_reader_that_has_enough_is_no_error(hub: LocalHub, tmp_path: Path) -> None:
    hub.add("ann/many", {f"{i:05}.txt": "" for i in range(5000)})
    command = " ".join([*(f"'{word}'" for word in COMMAND), "ls datasets/ann/many | head -n 1"])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=hub.env(tmp_path), capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"00000.txt\n", b"")


def test_the_version(hfhub: Hfhub) -> None:
    assert hfhub("version").out == f"{package.__version__}\n"
    assert hfhub("--version").out == f"hfhub {package.__version__}\n"


def test_env_shows_no_token(hfhub: Hfhub, hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    from hfhub import settings

    monkeypatch.setenv("HF_TOKEN", "hf_secretsecret")
    settings.reload()
    ran = hfhub("env")
    assert ["endpoint:", hub.endpoint] in [line.split() for line in ran.lines]
    assert "secretsecret" not in ran.out
    assert hfhub("env", "--json").json["token"] == "from HF_TOKEN"


@pytest.mark.parametrize("words", [(), ("nope",), ("download",), ("cache", "ls", "--nope")])
def test_wrong_arguments(words: tuple[str, ...], hfhub: Hfhub) -> None:
    ran = hfhub(*words)
    assert ran.code == 2
    assert "usage: hfhub" in ran.err


def test_the_help_tells_the_exit_codes(hfhub: Hfhub) -> None:
    out = hfhub("--help").out
    assert "  5  no answer from the Hub" in out


def test_interruption(hub: LocalHub, capsys: pytest.CaptureFixture[str]) -> None:
    import threading

    main_thread = threading.main_thread().ident or 0
    hub.faults.latency(30)
    threading.Timer(0.3, lambda: signal.pthread_kill(main_thread, signal.SIGINT)).start()
    assert main(["download", "ann/net"]) == 130
    assert "run it again" in capsys.readouterr().err


def test_a_full_disk_has_a_code_of_its_own() -> None:
    assert Failure.of(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))).code == 7


def bash_completion(script: str, line: str) -> list[str]:
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    program = (
        f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _hfhub; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_commands_and_options(hfhub: Hfhub) -> None:
    script = hfhub("completion", "bash").out
    assert bash_completion(script, "hfhub do") == ["download"]
    assert "verify" in bash_completion(script, "hfhub cache ")
    assert bash_completion(script, "hfhub cache verify --re") == ["--revision", "--repair"]
    assert bash_completion(script, "hfhub download ann/net --dry") == ["--dry-run"]
    assert "--include" not in bash_completion(script, "hfhub cache --")


def test_zsh_and_fish_scripts_know_the_commands(hfhub: Hfhub) -> None:
    assert "bashcompinit" in hfhub("completion", "zsh").out
    fish = hfhub("completion", "fish").lines
    assert any("-a download" in line for line in fish)
    assert any("__fish_seen_subcommand_from cache" in line and "-l repair" in line for line in fish)

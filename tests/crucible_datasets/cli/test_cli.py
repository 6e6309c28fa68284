"""The command line, against a Hub on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crucible_datasets.cli import main
from hfhub.local_hub import LocalHub

ROWS = "".join(json.dumps({"question": f"{n} + {n}?", "answer": 2 * n}) + "\n" for n in range(9))


@pytest.fixture
def numbers(local_hub: LocalHub) -> LocalHub:
    local_hub.add("me/numbers", {"train.jsonl": ROWS, "test.jsonl": ROWS.splitlines()[0]})
    return local_hub


def test_head_prints_the_schema_and_the_first_rows(numbers: LocalHub, capsys) -> None:
    assert main(["head", "me/numbers", "--split", "train", "-n", "3"]) == 0
    printed = capsys.readouterr().out
    assert "answer    Value('int64')" in printed
    assert [line for line in printed.splitlines() if line.startswith("row ")] == [
        "row 0",
        "row 1",
        "row 2",
    ]
    assert "2 + 2?" in printed
    assert "3 + 3?" not in printed


def test_head_as_json_prints_one_row_a_line(numbers: LocalHub, capsys) -> None:
    assert main(["head", "me/numbers", "--split", "train", "-n", "2", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows == [{"question": "0 + 0?", "answer": 0}, {"question": "1 + 1?", "answer": 2}]


def test_head_asks_for_a_split_where_there_are_several(numbers: LocalHub, capsys) -> None:
    assert main(["head", "me/numbers"]) == 1
    assert "--split" in capsys.readouterr().err


def test_load_tells_rows_files_and_requests(numbers: LocalHub, capsys) -> None:
    assert main(["load", "me/numbers"]) == 0
    cold = capsys.readouterr().out
    assert "train: 9 rows" in cold
    assert "snapshots" in cold
    assert "train.jsonl" in cold
    assert main(["load", "me/numbers", "--json"]) == 0
    warm = json.loads(capsys.readouterr().out)
    assert warm["requests"] == 1
    assert warm["splits"]["train"]["rows"] == 9


def test_a_pinned_load_that_is_cached_makes_no_request(numbers: LocalHub, capsys) -> None:
    main(["load", "me/numbers"])
    capsys.readouterr()
    assert main(["load", "me/numbers", "--revision", numbers.sha("me/numbers"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["requests"] == 0


def test_schema_prints_every_splits_columns(numbers: LocalHub, capsys) -> None:
    assert main(["schema", "me/numbers", "--json"]) == 0
    schemas = json.loads(capsys.readouterr().out)
    assert list(schemas) == ["train", "test"]
    assert schemas["train"]["answer"] == {"dtype": "int64", "_type": "Value"}


def test_a_file_is_read_by_its_name(tmp_path: Path, capsys) -> None:
    file = tmp_path / "some.tsv"
    file.write_text("a\tb\n1\tx\n")
    assert main(["head", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": 1, "b": "x"}
    assert main(["load", str(file)]) == 0
    assert "train: 1 rows" in capsys.readouterr().out


def test_a_script_is_one_line_and_exit_code_1(tmp_path: Path, capsys) -> None:
    (tmp_path / f"{tmp_path.name}.py").write_text("raise SystemExit")
    assert main(["head", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("crucible: Dataset scripts are no longer supported")


def test_a_missing_repository_is_one_line_and_exit_code_1(numbers: LocalHub, capsys) -> None:
    assert main(["load", "me/nothing"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("crucible: ")
    assert "me/nothing" in error
    assert "Traceback" not in error


def test_wrong_arguments_are_exit_code_2(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["head"])
    assert caught.value.code == 2


def test_the_demo_shows_every_step_with_its_requests(capsys) -> None:
    assert main(["demo", "--json"]) == 0
    steps = {step["step"]: step for step in map(json.loads, capsys.readouterr().out.splitlines())}
    assert steps["cold load"]["train"] == "200 rows"
    assert steps["cold load"]["requests"] == 5
    assert steps["warm load"]["requests"] == 1
    assert steps["pinned load"]["requests"] == 0
    assert len(steps["stream"]["questions"]) == 2
    assert "train.jsonl:3" in steps["broken row"]["error"]
    assert "/answer" in steps["broken row"]["error"]


def test_the_command_runs_as_a_process_of_its_own() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "crucible_datasets.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "demo" in ran.stdout


def test_values_can_not_drive_a_terminal(local_hub: LocalHub, capsys) -> None:
    local_hub.add("ann/odd", {"train.jsonl": json.dumps({"a": "\x1b[2Jx", "b\x1b": ["\x9b"]})})
    assert main(["head", "ann/odd"]) == 0
    printed = capsys.readouterr().out
    assert "\\x1b[2Jx" in printed
    assert not {"\x1b", "\x9b"} & set(printed)


def test_fewer_rows_than_none_are_a_wrong_argument(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["head", "ann/data", "-n", "-3"])
    assert caught.value.code == 2
    assert "not a number of rows" in capsys.readouterr().err

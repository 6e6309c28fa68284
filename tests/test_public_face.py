"""What `import hfhub` and `import crucible_datasets` promise."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ["hfhub", "crucible_datasets"]
HEAVY = {
    "hfhub": ["requests", "urllib3", "yaml", "tqdm", "filelock", "sqlite3", "http.client", "ssl"],
    "crucible_datasets": ["polars", "pyarrow", "numpy", "PIL", "yaml", "requests", "orjson"],
}
packages = pytest.mark.parametrize("package", PACKAGES)


def names(package: str) -> list[str]:
    return [n for n in importlib.import_module(package).__all__ if not n.startswith("__")]


@packages
def test_every_public_name_resolves_and_says_what_it_is(package: str) -> None:
    module = importlib.import_module(package)
    for name in names(package):
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isroutine(value):
            assert inspect.getdoc(value), f"{package}.{name} has no docstring"


@packages
def test_all_is_sorted_and_seen_by_dir(package: str) -> None:
    module = importlib.import_module(package)
    assert list(module.__all__) == sorted(module.__all__)
    assert set(module.__all__) <= set(dir(module))


@packages
def test_no_public_name_is_a_modules_too(package: str) -> None:
    folder = Path(importlib.import_module(package).__file__ or "").parent
    modules = {path.stem for path in folder.glob("*.py")} | {path.name for path in folder.iterdir()}
    assert not modules & set(names(package)), "importing the module would hide the name"


@packages
def test_type_checkers_see_the_names_that_are_there(package: str) -> None:
    source = Path(importlib.import_module(package).__file__ or "").read_text(encoding="utf-8")
    seen = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert set(names(package)) == seen


@packages
def test_an_unknown_name_is_an_attribute_error_that_names_it(package: str) -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        importlib.import_module(package).no_such_thing  # noqa: B018


@packages
def test_importing_loads_nothing_heavy(package: str) -> None:
    code = (
        f"import sys, {package}; "
        f"print([name for name in {HEAVY[package]!r} if name in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    assert loaded.stdout.strip() == "[]"


@packages
def test_importing_opens_no_file_and_prints_nothing(package: str) -> None:
    code = f"""
import sys
opened = []
def watch(event, arguments):
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc")):
        opened.append(str(arguments[0]))
sys.addaudithook(watch)
import {package}
assert not [path for path in opened if "__pycache__" not in path], opened
"""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    assert (ran.stdout, ran.stderr) == ("", "")


@packages
def test_the_reference_lists_every_public_name(package: str) -> None:
    page = (ROOT / "docs" / "reference" / f"{package}.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^### `(?:class )?(\w+)`", page, re.MULTILINE))
    assert listed == set(names(package)), "run `hatch run docs`"

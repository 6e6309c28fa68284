"""Write docs/reference/<package>.md: every public name with its signature and first words.

    python scripts/make_reference.py [--check]

With --check nothing is written, and the exit code is 1 when a page is out of date.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

PACKAGES = ("hfhub", "crucible_datasets")
TARGET = Path(__file__).parent.parent / "docs" / "reference"


def page(package: str) -> str:
    """The reference of ``package`` as Markdown."""
    module = importlib.import_module(package)
    lines = [
        f"# {package}",
        "",
        "Made by `python scripts/make_reference.py` from the docstrings.",
        "",
    ]
    for name in sorted(module.__all__):
        if not name.startswith("__"):
            lines += _entry(name, getattr(module, name))
    return "\n".join(lines)


def _entry(name: str, value: object) -> list[str]:
    if inspect.ismodule(value):
        return [f"### `{name}`", "", _first_words(value), ""]
    if not callable(value):
        return [f"### `{name}`", "", f"A `{type(value).__name__}`.", ""]
    kind = "class " if inspect.isclass(value) else ""
    lines = [f"### `{kind}{name}`", "", _first_words(value), ""]
    if inspect.isclass(value):
        methods = [
            f"- `{member}`: {_first_words(attribute)}"
            for member, attribute in sorted(vars(value).items())
            if not member.startswith("_") and callable(getattr(value, member, None))
        ]
        lines += [*methods, ""] if methods else []
    return lines


def _first_words(value: object) -> str:
    value = getattr(value, "__func__", value)
    return (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ")


def main() -> int:
    """Write or check the pages."""
    outdated = []
    for package in PACKAGES:
        path = TARGET / f"{package}.md"
        text = page(package)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            outdated.append(path.name)
    if outdated:
        print(f"out of date: {', '.join(outdated)}; run python scripts/make_reference.py")
    return bool(outdated)


if __name__ == "__main__":
    raise SystemExit(main())

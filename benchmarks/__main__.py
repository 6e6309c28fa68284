"""Run a benchmark by name: ``python -m benchmarks NAME [OPTIONS]``; without a name, list them.

Each is a module of this folder with ``main(argv)``; its docstring says what it measures.
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path


def found() -> dict[str, str]:
    """The benchmarks here with the first line of their docstrings."""
    lines = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            lines[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    lines.pop("__main__", None)
    return lines


def main(argv: list[str]) -> int:
    """Run the benchmark that ``argv`` names with the rest of ``argv``."""
    benchmarks = found()
    if not argv or argv[0] not in benchmarks:
        for name, line in benchmarks.items():
            print(f"{name:<24} {line}")
        return 0 if not argv else 2
    importlib.import_module(f"benchmarks.{argv[0]}").main(argv[1:])
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

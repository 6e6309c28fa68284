"""Printing the lines of a benchmark, and keeping them as a page in ``benchmarks/results/``."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


class Page:
    """Lines that are printed as they come, and written at the end if that is wanted.

    Args:
        name: the benchmark's module.
        title: the page's first line.
        packages: the distributions whose versions matter, ours and the peers'.
    """

    def __init__(self, name: str, title: str, *packages: str) -> None:
        self._name = name
        self._title = title
        self._packages = packages
        self._lines: list[str] = []

    def line(self, text: str) -> None:
        """Print a line and keep it."""
        print(text, flush=True)
        self._lines.append(text)

    def write(self) -> Path:
        """Write the page, with the machine and the versions; where it is."""
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"{self._name}.md"
        body = "\n".join(self._lines)
        file.write_text(
            f"# {self._title}\n\n{machine(*self._packages)}\n\n```\n{body}\n```\n", encoding="utf-8"
        )
        return file


def machine(*packages: str) -> str:
    """One line: cores, memory, Python, versions."""
    facts = [f"{os.cpu_count()} cores", f"Python {platform.python_version()}", platform.system()]
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    facts.insert(1, f"{pages * size / 2**30:.0f} GB of memory")
    for package in packages:
        try:
            facts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            facts.append(f"{package} not installed")
    return ", ".join(facts)

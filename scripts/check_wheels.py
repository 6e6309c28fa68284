"""Build both packages, then install and import each wheel alone in an empty environment.

    python scripts/check_wheels.py

`hfhub` must work where neither polars nor pyarrow nor requests is installed; `crucible_datasets`
gets its own wheel and hfhub's. The wheels must carry their licence and `py.typed`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HEAVY = ("polars", "pyarrow", "numpy", "requests")

HFHUB = f"""
import importlib.util, hfhub.errors
found = [name for name in {HEAVY!r} if importlib.util.find_spec(name)]
assert not found, f"hfhub pulled in {{found}}"
for name in hfhub.__all__:
    try:
        getattr(hfhub, name)
    except hfhub.errors.MissingExtraError as error:
        assert "pip install 'hfhub[" in str(error), error
print("hfhub", hfhub.__version__, len(hfhub.__all__), "names")
"""

CRUCIBLE = """
import crucible_datasets
for name in crucible_datasets.__all__:
    getattr(crucible_datasets, name)
rows = crucible_datasets.Dataset.from_list([{"a": 1}]).to_list()
assert rows == [{"a": 1}], rows
print("crucible_datasets", crucible_datasets.__version__, len(crucible_datasets.__all__), "names")
"""


def run(*command: str | Path, cwd: Path | None = None) -> None:
    """Run ``command``; its failure is ours."""
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)


def check_contents(wheel: Path, package: str) -> None:
    """Fail when the wheel lacks what every install needs."""
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (f"{package}/py.typed", "LICENSE"):
        if not any(name.endswith(wanted) for name in names):
            raise SystemExit(f"{wheel.name} lacks {wanted}")


def check_alone(wheels: list[Path], code: str, folder: Path) -> None:
    """Install ``wheels`` in an empty environment and run ``code`` there."""
    run("uv", "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run("uv", "pip", "install", "--quiet", "--python", python, *wheels)
    run(python, "-I", "-c", code, cwd=folder)


def main() -> None:
    """Build, look inside, install, import."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        dist = folder / "dist"
        for package in ("hfhub", "crucible_datasets"):
            run("uv", "build", "--quiet", "--out-dir", dist, Path("packages") / package)
        (hfhub,) = dist.glob("hfhub-*.whl")
        (crucible,) = dist.glob("crucible_datasets-*.whl")
        if len(list(dist.glob("*.tar.gz"))) != 2:
            raise SystemExit("a source distribution is missing")
        check_contents(hfhub, "hfhub")
        check_contents(crucible, "crucible_datasets")
        check_alone([hfhub], HFHUB, folder / "hfhub")
        check_alone([hfhub, crucible], CRUCIBLE, folder / "crucible")


if __name__ == "__main__":
    main()

"""Resolve every dependency anew, and write what came out as constraints into pyproject.toml.

    poe pin

The list holds names and versions alone: a lock file would record the addresses that packages were
downloaded from. It covers the program and the development group on every platform and every Python
that `requires-python` names; `uv sync` and `uv pip install -e .` obey it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tomlkit

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")


def resolve(pyproject: tomlkit.TOMLDocument) -> list[str]:
    """Return ``name==version`` of everything, as if there were no constraints yet, sorted."""
    with tempfile.TemporaryDirectory() as folder:
        unpinned = Path(folder, "pyproject.toml")
        unpinned.write_text(tomlkit.dumps(pyproject), "utf-8")
        options = ("--universal", "--group", "dev", "--fork-strategy", "fewest", "--upgrade")
        quiet = ("--quiet", "--no-header", "--no-annotate")
        compiled = subprocess.run(
            ("uv", "pip", "compile", *options, *quiet, unpinned.name),
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    pins = [f"{found['name']}=={found['version']}" for found in _PIN.finditer(compiled.stdout)]
    names = {pin.partition("==")[0] for pin in pins}
    if len(names) < len(pins):
        sys.exit("A package was resolved to several versions; give it a bound in pyproject.toml.")
    return sorted(pins, key=str.lower)


def main() -> None:
    """Write the constraints."""
    pyproject = tomlkit.parse(PYPROJECT.read_text("utf-8"))
    settings = pyproject["tool"]["uv"]
    constraints = tomlkit.array()
    settings["constraint-dependencies"] = constraints
    pins = resolve(pyproject)
    for pin in pins:
        constraints.add_line(pin, indent="  ")
    constraints.add_line(indent="")
    PYPROJECT.write_text(tomlkit.dumps(pyproject), "utf-8")
    print(f"{len(pins)} packages pinned.")


if __name__ == "__main__":
    main()

"""Ask whether a known hole is in anything that is pinned.

    poe audit

It needs the network twice: uv fetches pip-audit from the package index that it is set up with, and
pip-audit asks the vulnerability database of that index (or, with ``-s osv``, that of OSV) about
each name and version. Nothing else is told to anybody, and nothing is installed beside us. Further
arguments go to pip-audit. Exits as pip-audit does: 1 where there is a hole, or no answer.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import tomlkit

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def main() -> int:
    """Write the pins where pip-audit reads them, and run it."""
    pins = tomlkit.parse(PYPROJECT.read_text("utf-8"))["tool"]["uv"]["constraint-dependencies"]
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text("\n".join(pins), "utf-8")
        argv = ("uv", "tool", "run", "pip-audit", "--strict", "--disable-pip", "--no-deps")
        given = ("--requirement", str(requirements), *sys.argv[1:])
        return subprocess.run((*argv, *given), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""What is installed is pinned by name and version, and nothing says where it was downloaded."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))
PINS: list[str] = PYPROJECT["tool"]["uv"]["constraint-dependencies"]


def test_every_dependency_is_pinned() -> None:
    """A dependency that is added is pinned with all that it brings (`poe pin`)."""
    asked_for = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=~!; ]", one)[0].lower() for one in asked_for}

    assert set() == names - {pin.partition("==")[0] for pin in PINS}


def test_a_pin_is_a_name_and_a_version() -> None:
    """Each package stands there once, sorted, and without an address."""
    assert all(re.fullmatch(r"[a-z0-9._-]+==[a-z0-9.]+", pin) for pin in PINS)
    assert sorted(set(PINS)) == sorted(PINS)
    assert sorted(PINS, key=str.lower) == PINS


def test_no_lock_file_is_kept() -> None:
    """A lock file of uv records download addresses, so git does not know it."""
    ignored = subprocess.run(
        ("git", "check-ignore", "--quiet", "uv.lock"), cwd=ROOT, check=False
    ).returncode

    assert 0 == ignored or not ROOT.joinpath(".git").exists()

"""What a test needs of the machine: said by name when missing, and a failure where CI is set.

``.ci/servers.sh`` installs all of it on Debian.
"""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def require(program: str, package: str) -> str:
    """Return the path of a program that a Debian package brings.

    Args:
        program: its name, looked for in PATH and in /usr/sbin, or its path.
        package: the Debian package that holds it.

    Raises:
        pytest.skip.Exception: it is missing here.
        pytest.fail.Exception: it is missing where the environment variable CI is set.
    """
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        _lacking(f"{program} is missing: .ci/servers.sh installs it (Debian's package {package})")
    return found


def require_root(why: str) -> None:
    """Go on only where root runs the tests; else as for a missing program. ``why``: what for."""
    if os.geteuid() != 0:
        _lacking(f"needs root: {why}")


def _lacking(what: str) -> NoReturn:
    if os.environ.get("CI"):  # noqa: TID251 - the tests' own switch
        pytest.fail(what, pytrace=False)
    pytest.skip(what)

"""What a test needs of the machine: said by name when missing, and a failure where CI is set."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))  # noqa: TID251 - as a shell would


def require(program: str, package: str) -> str:
    """Return the path of a program that a Debian package brings.

    Args:
        program: its name, looked for in PATH, /usr/sbin and /sbin, or its absolute path.
        package: the Debian package that holds it.

    Raises:
        pytest.skip.Exception: it is missing here.
        pytest.fail.Exception: it is missing where the environment variable CI is set.
    """
    return shutil.which(program, path=_PATH) or _missing(
        f"{program} is missing: run .ci/servers.sh, or apt-get install {package}"
    )


def require_root(why: str) -> None:
    """Go on only as root.

    Args:
        why: what root is needed for, as a sentence.

    Raises:
        pytest.skip.Exception: we are another user.
        pytest.fail.Exception: likewise, where the environment variable CI is set.
    """
    if os.geteuid() != 0:
        _missing(f"not root: {why}")


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI"):  # noqa: TID251 - the switch of the tests alone
        pytest.fail(what)
    pytest.skip(what)

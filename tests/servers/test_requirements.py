"""What is missing is named, and where CI is set it fails."""

from __future__ import annotations

import pytest

from tests.servers.requirements import require, require_root


def test_a_program_that_is_there() -> None:
    """A program is found by its name or by its path."""
    assert require("sh", "dash").endswith("/sh")
    assert "/bin/sh" == require("/bin/sh", "dash")


def test_missing_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing program skips the test and names program and package."""
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"no-such-thing is missing.*install a-package"):
        require("no-such-thing", "a-package")


def test_missing_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI is set, what is missing is a failure."""
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="no-such-thing"):
        require("no-such-thing", "a-package")


@pytest.mark.parametrize(("uid", "skips"), [(0, False), (1000, True)])
def test_root(monkeypatch: pytest.MonkeyPatch, uid: int, skips: bool) -> None:
    """A test that needs root says what for."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: uid)

    if skips:
        with pytest.raises(pytest.skip.Exception, match="not root: it mounts"):
            require_root("it mounts")
    else:
        require_root("it mounts")

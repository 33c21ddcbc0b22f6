"""Tests of printing who did what."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cli.arguments import read_arguments
from bot.cli.auditing import run
from bot.settings import SettingsError, load_settings
from bot.store import open_database
from bot.store.audit import note
from tests.store.test_audit import AT, DEED

URL = "sqlite:///relaycheck.db"


@pytest.fixture(autouse=True)
def _settings(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", URL)


async def test_each_act_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the app that owns the database, the earliest first, from the moment on."""
    later = replace(DEED, at=AT + timedelta(hours=1), outcome="refused: \x1b[2Jno\u202e")
    async with open_database(URL) as database:
        await note(database, [replace(DEED, at=AT - timedelta(hours=1)), DEED, later])
        await run(AT, load_settings())
    first, second = capsys.readouterr().out.splitlines()

    assert {
        "at": "2026-11-24T12:03:00Z",
        "team": "T1",
        "channel": "C1",
        "person": "U1",
        "act": "press",
        "what": "prove",
        "domain": "example.com",
        "run_id": "RUN1",
        "outcome": "done",
    } == json.loads(first)
    assert second.isascii()
    assert second.isprintable()
    assert later.outcome == json.loads(second)["outcome"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24", "2026-11-24T00:00:00+00:00"),
        ("2026-11-24T12:03", "2026-11-24T12:03:00+00:00"),
        ("2026-11-24T12:03:00+02:00", "2026-11-24T12:03:00+02:00"),
    ],
)
def test_a_moment_is_read(text: str, expected: str) -> None:
    """A day or a moment, in UTC unless it says otherwise."""
    assert expected == read_arguments(["audit", "--since", text]).since.isoformat()


def test_without_a_moment_it_is_all() -> None:
    """Everything that retention has left."""
    assert read_arguments(["audit"]).since.year == 1970


def test_what_is_no_moment_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The usage names a day as it is written."""
    with pytest.raises(SystemExit):
        read_arguments(["audit", "--since", "yesterday"])

    assert "'yesterday': write a day or a moment, 2026-11-24" in capsys.readouterr().err


async def test_a_database_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names the setting."""
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    with pytest.raises(SettingsError, match="RELAYCHECK_DATABASE_URL"):
        await run(AT, load_settings())

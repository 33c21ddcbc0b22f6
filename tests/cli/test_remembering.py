"""Tests of showing what was found over time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cli.remembering import run
from bot.request import UsageError
from bot.settings import SettingsError, load_settings
from bot.store import open_database
from bot.store.reports import save_report
from tests.render.samples import closed, open_postfix

URL = "sqlite:///relaycheck.db"


@pytest.fixture(autouse=True)
def _settings(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", URL)


async def test_the_history_of_a_domain(capsys: pytest.CaptureFixture[str]) -> None:
    """It is read beside the app that owns the database."""
    async with open_database(URL) as database:
        await save_report(database, replace(closed(), id="R1"), team="T1")
        await save_report(database, replace(open_postfix(), id="R2"), team="T1")
        await run("EXAMPLE.com", load_settings())
        await run(None, load_settings())

    out = capsys.readouterr().out
    assert out.startswith("example.com: the last 2 checks, ")
    assert "\nexample.com" not in out
    assert " example.com: " in out.splitlines()[-1]


async def test_a_domain_that_was_never_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is known of it, and nothing is asked."""
    await run("example.com", load_settings())
    await run(None, load_settings())

    assert "example.com was not checked yet.\nNothing was checked yet.\n" == capsys.readouterr().out


async def test_what_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """No domain, or no database: one sentence."""
    with pytest.raises(UsageError):
        await run("localhost", load_settings())
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    with pytest.raises(SettingsError, match="RELAYCHECK_DATABASE_URL"):
        await run("example.com", load_settings())

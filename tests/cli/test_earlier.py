"""A check on the command line says what changed since the last one, whatever the database does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.cli import earlier, main
from bot.cli.earlier import open_earlier
from bot.model.verdict import Judgement, Reason, Verdict
from bot.settings import load_settings
from bot.store import open_database
from bot.store.reports import latest_report, save_report, sightings
from tests.render.samples import closed, fault

if TYPE_CHECKING:
    from pathlib import Path

    from bot.model.report import MxReport, Report
    from bot.sandbox.hosts import SampleHosts

URL = "sqlite:///relaycheck.db"
OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)


@pytest.fixture(autouse=True)
def _settings(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", URL)


async def check(*arguments: str) -> int:
    """Run ``relaycheck check`` beside the sample hosts of this loop; return its exit status."""
    return await asyncio.to_thread(main, ("check", *arguments))


def opened(mx: MxReport) -> MxReport:
    """Return a host as it would be, had every endpoint relayed."""
    addresses = (
        replace(
            address,
            endpoints=tuple(replace(one, judgement=OPEN) for one in address.endpoints),
        )
        for address in mx.addresses
    )
    return replace(mx, addresses=tuple(addresses))


async def latest(domain: str) -> Report:
    """Return the latest report that was kept."""
    async with open_database(URL, owner=False) as database:
        found = await latest_report(database, domain)
    assert found is not None
    return found


def words(text: str) -> str:
    """Return a text without the line ends of a narrow terminal."""
    return " ".join(text.split())


async def test_still_open(hosts: SampleHosts, capsys: pytest.CaptureFixture[str]) -> None:
    """The first check has nothing to compare with; the second names both times."""
    domain = f"open.{hosts.suffix}"
    assert 1 == await check(domain)
    assert "Since" not in capsys.readouterr().out
    first = f"{(await latest(domain)).started_at:%Y-%m-%d %H:%M} UTC"
    assert 1 == await check(domain)

    told = words(capsys.readouterr().out)
    second = f"{(await latest(domain)).started_at:%Y-%m-%d %H:%M} UTC"
    assert f"Since {first}: still open: " in told
    assert f"Still open. Then ({first}): likely open relay. Now ({second}): likely" in told


async def test_fixed(hosts: SampleHosts, capsys: pytest.CaptureFixture[str]) -> None:
    """What the Slack app found open and the command line finds closed is fixed."""
    domain = f"closed.{hosts.suffix}"
    assert 0 == await check(domain)
    now = await latest(domain)
    then = replace(now, id="THEN", started_at=now.started_at + timedelta(milliseconds=1))
    then = replace(then, judgement=OPEN, mx=tuple(map(opened, now.mx)))
    async with open_database(URL) as database:
        await save_report(database, then, team="T1", channel="C1")
    capsys.readouterr()

    assert 0 == await check(domain)
    assert "Fixed. Then (" in words(capsys.readouterr().out)


async def test_a_look_at_dns_alone_compares_nothing(
    hosts: SampleHosts, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says nothing of an earlier verdict, and stands in no later check's way."""
    domain = f"open.{hosts.suffix}"
    assert 1 == await check(domain)
    assert 0 == await check("--no-probe", domain)
    assert "Since" not in capsys.readouterr().out
    assert 1 == await check(domain)
    assert ": still open: " in words(capsys.readouterr().out)


async def test_json_is_as_it_was(hosts: SampleHosts, capsys: pytest.CaptureFixture[str]) -> None:
    """A program gets one report a line; what it finds is kept all the same."""
    domain = f"closed.{hosts.suffix}"
    assert 0 == await check("--json", domain)
    assert 0 == await check("--json", domain)

    assert 2 == capsys.readouterr().out.count("\n")
    async with open_database(URL) as database:
        assert 2 == len(await sightings(database, domain))


async def test_beside_the_app(hosts: SampleHosts, capsys: pytest.CaptureFixture[str]) -> None:
    """A running app owns the database; the command line writes beside it and frees it at once."""
    async with open_database(URL) as database:
        assert 0 == await check("--json", f"closed.{hosts.suffix}")
        assert 1 == len(await sightings(database, f"closed.{hosts.suffix}"))
    async with open_earlier(load_settings()) as mine:
        await mine.before(closed())
        async with open_database(URL):
            await mine.keep(closed())

    assert "not compared" not in capsys.readouterr().err


async def test_what_is_too_old_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line's own reports go after the retention; a failed check is not kept."""
    monkeypatch.setenv("RELAYCHECK_RETENTION_DAYS", "10")
    old, young = (replace(closed(), id=f"R{n}") for n in range(2))
    old = replace(old, started_at=young.started_at - timedelta(days=11))
    async with open_earlier(load_settings()) as mine:
        for report in (old, young, fault()):
            await mine.keep(report)
    async with open_database(URL) as database:
        kept = await sightings(database, closed().domain.ascii)

    assert ["R1"] == [sighting.report_id for sighting in kept]


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/none", "sqlite:///letter.db"])
async def test_a_database_that_cannot_be_used_stops_no_check(
    url: str,
    hosts: SampleHosts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Away, or another program's: it costs one line on stderr, however many domains there are."""
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 400)
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", url)
    domains = [f"{name}.{hosts.suffix}" for name in ("closed", "no-ptr")]

    assert 0 == await check("--json", *domains)

    out, err = capsys.readouterr()
    assert 2 == out.count("\n")
    assert 1 == err.count("not compared with earlier ones")
    assert "RELAYCHECK_DATABASE_URL" in err


async def test_checks_side_by_side_say_it_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever waited for the same database has nothing to add."""
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    async with open_earlier(load_settings()) as mine:
        found = await asyncio.gather(*(mine.before(closed()) for _ in range(3)))

    assert [None] * 3 == found
    assert 1 == capsys.readouterr().err.count("not compared with earlier ones")


async def test_a_database_that_is_silent_is_given_up(
    hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What takes the connection and never answers holds nothing up for long."""
    monkeypatch.setattr(earlier, "PATIENCE_S", 0.2)
    taken: list[asyncio.StreamWriter] = []
    async with await asyncio.start_server(lambda _, out: taken.append(out), "127.0.0.1") as silent:
        port = silent.sockets[0].getsockname()[1]
        monkeypatch.setenv("RELAYCHECK_DATABASE_URL", f"postgresql://127.0.0.1:{port}/none")
        assert 0 == await check("--json", f"closed.{hosts.suffix}")
        for writer in taken:
            writer.close()
            await writer.wait_closed()

    assert "nor kept for later ones: it does not answer" in capsys.readouterr().err

"""Checks run side by side, and a fault in one does not reach the others."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from bot.cli.arguments import read_arguments
from bot.cli.checking import _check_all, _Run, _Wanted, run
from bot.cli.earlier import open_earlier
from bot.cli.status import Status
from bot.request import UsageError
from bot.settings import load_settings
from bot.world import open_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.model.report import Progress, Report
    from bot.sandbox.hosts import SampleHosts


class Faulty:
    """An output that breaks at one domain, and counts how many checks run at once."""

    def __init__(self, broken: str) -> None:
        self.broken = broken
        self.running: set[str] = set()
        self.most = 0
        self.told: list[str] = []

    def progress(self, progress: Progress) -> None:
        """Note who runs."""
        self.running.add(progress.report.id)
        self.most = max(self.most, len(self.running))

    def finished(self, report: Report, previous: Report | None = None) -> None:
        """Break, or note who is done."""
        self.running.discard(report.id)
        if report.domain.ascii.startswith(self.broken):
            raise ZeroDivisionError
        self.told.append(report.domain.ascii)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("concurrency", [1, 2, 10])
async def test_a_fault_in_one_check_does_not_reach_the_others(
    concurrency: int, hosts: SampleHosts, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours is logged, makes the status 3, and the rest is told; no more run at once."""
    settings = load_settings()
    wanted = _Wanted(
        probe=True, variants=False, prove=False, ports=None, allowed_suffixes=settings.allow_domains
    )
    output = Faulty("no-ptr")
    domains = [f"{name}.{hosts.suffix}" for name in ("closed", "no-ptr", "missing", "null-mx")]

    with caplog.at_level(logging.ERROR):
        async with open_world(settings) as world, open_earlier(settings) as earlier:
            run_of = _Run(wanted, world, output, earlier)
            status = await _check_all(domains, run_of, concurrency)

    assert Status.UNKNOWN is status
    assert sorted(set(domains) - {f"no-ptr.{hosts.suffix}"}) == sorted(output.told)
    assert output.most <= concurrency
    assert [f"the check of no-ptr.{hosts.suffix} failed by a fault of ours"] == caplog.messages


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--html", "a.example", "b.example"), "--html writes one page"),
        (("--html", "-"), "--html writes one page"),
        (("--prove", "a.example"), "--prove needs a mailbox of ours"),
        (("--ports", "x", "a.example"), "`--ports` takes"),
    ],
)
async def test_options_that_cannot_be_used(
    options: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are refused before anything is checked, and nothing is printed."""
    with pytest.raises(UsageError, match=sentence):
        await run(read_arguments(("check", *options)), load_settings())

    assert "" == capsys.readouterr().out


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("probes", [True, False])
async def test_who_probes_without_a_name_is_warned(
    probes: bool,
    hosts: SampleHosts,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Servers may refuse a probe that says no name of its own; DNS alone is asked without one."""
    monkeypatch.delenv("RELAYCHECK_EHLO_NAME")
    options = () if probes else ("--no-probe",)
    arguments = read_arguments(("check", *options, f"null-mx.{hosts.suffix}"))

    assert Status.CLOSED is await run(arguments, load_settings())
    assert (
        "RELAYCHECK_EHLO_NAME not set: the probe says EHLO" in capsys.readouterr().err
    ) is probes


@pytest.mark.usefixtures("environment")
async def test_domains_come_from_arguments_and_stdin(
    hosts: SampleHosts, feed: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines of stdin take the place of ``-``; one that is no domain has its sentence alone."""
    feed(f"missing.{hosts.suffix}\nno domain\n".encode())
    arguments = read_arguments(("check", "--json", f"null-mx.{hosts.suffix}", "-"))

    assert Status.USAGE is await run(arguments, load_settings())
    out, err = capsys.readouterr()
    assert {f"null-mx.{hosts.suffix}", f"missing.{hosts.suffix}"} == {
        json.loads(line)["domain"] for line in out.splitlines()
    }
    assert "no domain" in err


class Unread(Faulty):
    """An output that nobody reads any more."""

    def finished(self, report: Report, previous: Report | None = None) -> None:
        """Fail as a pipe does whose reader has gone."""
        raise BrokenPipeError


@pytest.mark.usefixtures("environment")
async def test_when_nobody_reads_on_all_end(hosts: SampleHosts) -> None:
    """A closed pipe is no fault of one check: it ends the run."""
    settings = load_settings()
    wanted = _Wanted(
        probe=False, variants=False, prove=False, ports=None, allowed_suffixes=(hosts.suffix,)
    )
    async with open_world(settings) as world, open_earlier(settings) as earlier:
        run_of = _Run(wanted, world, Unread(""), earlier)
        with pytest.raises(ExceptionGroup) as ended:
            await _check_all([f"null-mx.{hosts.suffix}"], run_of, 1)

    assert ended.group_contains(BrokenPipeError)

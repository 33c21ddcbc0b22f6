"""Checks run side by side, and a fault in one does not reach the others."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bot.cli.checking import _check_all, _Run, _Wanted
from bot.cli.earlier import open_earlier
from bot.cli.status import Status
from bot.settings import load_settings
from bot.world import open_world

if TYPE_CHECKING:
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
            run = _Run(wanted, world, output, earlier)
            status = await _check_all(domains, run, concurrency)

    assert Status.UNKNOWN is status
    assert sorted(set(domains) - {f"no-ptr.{hosts.suffix}"}) == sorted(output.told)
    assert output.most <= concurrency
    assert [f"the check of no-ptr.{hosts.suffix} failed by a fault of ours"] == caplog.messages

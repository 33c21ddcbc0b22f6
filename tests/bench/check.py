"""How much longer a check takes than it has to wait.

    .venv/bin/python -m tests.bench.check [--hold-ms 40] [--repeat 5]

Every DNS answer and every SMTP reply is held for 40 ms by servers in a process of their own. What a
check must wait for one after the other is then known: MX and address before the probe; the
greeting, EHLO, and the commands of the four attempts, which a server with PIPELINING takes in one
batch. PTR and its forward look-up run beside the probe. The table shows that sum, the time that the
check took inside the process, and their ratio. ``first`` is the first check of a fresh process,
imports apart: nothing is warm yet. Exits with 1 where, without PIPELINING, the first check of one
domain took more than 1.5 times its sum.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from bot.check import check
from bot.request import Request, parse_request
from bot.settings import Settings
from bot.world import open_world
from tests.bench.slow_world import NETWORK, SUFFIX, Where

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.edges import World

TARGET = 1.5
# MX, then the addresses: the longest chain before the probe can start.
DNS_WAITS = 2
# MAIL and RCPT of control, foreign, own_domain and null, with RSET between them.
ATTEMPT_COMMANDS = 4 * 2 + 3
_EXPECTED = "closed/relay_denied"


@dataclass(frozen=True, slots=True)
class Case:
    """So many domains at once, over servers with or without PIPELINING."""

    domains: int
    pipelining: bool

    @property
    def waits(self) -> int:
        """The number of answers that depend on each other."""
        return DNS_WAITS + len(("greeting", "EHLO")) + (1 if self.pipelining else ATTEMPT_COMMANDS)


CASES = [Case(domains, pipelining) for domains in (1, 20, 200) for pipelining in (False, True)]


@asynccontextmanager
async def slow_world(case: Case, hold_ms: float) -> AsyncIterator[Where]:
    """Run the servers in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.slow_world",
        str(case.domains),
        str(hold_ms),
        *(["--pipelining"] if case.pipelining else []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = json.loads(await process.stdout.readline())
        yield Where(said["resolver"], said["port"], tuple(said["domains"]))
    finally:
        process.stdin.close()
        await process.wait()


async def measure(where: Where, repeat: int) -> dict[str, list[float]]:
    """Check all domains at once, again and again; return seconds of wall and processor time."""
    settings = Settings(
        resolver=where.resolver,
        blocklists="off",
        ports=(where.port,),
        allow_networks=(ip_network(NETWORK),),
        allow_domains=(SUFFIX,),
        ehlo_name=f"probe.{SUFFIX}",
        mail_from=f"probe@probe.{SUFFIX}",
        rcpt_to=f"canary@probe.{SUFFIX}",
    )
    wall, processor = [], []
    for _ in range(repeat):
        async with open_world(settings) as world:
            began, worked = time.perf_counter(), _processor_s()
            verdicts = await asyncio.gather(*(verdict(name, world) for name in where.domains))
            wall.append(time.perf_counter() - began)
            processor.append(_processor_s() - worked)
        wrong = [word for word in verdicts if word != _EXPECTED]
        if wrong:
            raise SystemExit(f"{len(wrong)} checks went wrong, the first: {wrong[0]}")
    return {"wall": wall, "processor": processor}


async def verdict(domain: str, world: World) -> str:
    """Check one domain to its end; return its verdict."""
    request = parse_request(domain, allowed_suffixes=(SUFFIX,))
    assert isinstance(request, Request)
    report = [progress.report async for progress in check(request, world)][-1]
    return f"{report.judgement.verdict}/{report.judgement.reason}" if report.judgement else "none"


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def row(case: Case, hold_ms: float, repeat: int) -> tuple[str, float]:
    """Measure one case in a fresh process; return its line of the table, and the first ratio."""
    async with slow_world(case, hold_ms) as where:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.check",
            "--inside",
            json.dumps([where.resolver, where.port, where.domains]),
            "--repeat",
            str(repeat),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    taken = json.loads(output)
    floor = case.waits * hold_ms / 1000
    first, later = taken["wall"][0], statistics.median(taken["wall"][1:] or taken["wall"])
    cells = (
        f"{case.domains}",
        "yes" if case.pipelining else "no",
        f"{case.waits}",
        f"{floor * 1000:.0f}",
        f"{first * 1000:.0f}",
        f"{first / floor:.2f}",
        f"{later * 1000:.0f}",
        f"{later / floor:.2f}",
        f"{1000 * statistics.median(taken['processor']) / case.domains:.1f}",
    )
    return f"| {' | '.join(cells)} |", first / floor


async def table(hold_ms: float, repeat: int) -> int:
    """Print the table, a line as each case is done; return the exit status."""
    _say(
        "| domains at once | pipelining | waits | sum ms | first ms | ratio | later ms | ratio "
        "| CPU ms a domain |"
    )
    _say("|---|---|---|---|---|---|---|---|---|")
    missed = False
    for case in CASES:
        line, ratio = await row(case, hold_ms, repeat)
        _say(line)
        missed = missed or (case == CASES[0] and ratio > TARGET)
    return int(missed)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench, or, with ``--inside``, one measurement of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hold-ms", type=float, default=40.0)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.inside:
        resolver, port, domains = json.loads(chosen.inside)
        where = Where(resolver, port, tuple(domains))
        _say(json.dumps(asyncio.run(measure(where, chosen.repeat))))
        return 0
    return asyncio.run(table(chosen.hold_ms, chosen.repeat))


if __name__ == "__main__":
    raise SystemExit(main())

"""``relaycheck check``: many domains at once, each reported as it finishes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.check import check
from bot.cli.earlier import open_earlier
from bot.cli.output import open_output, say
from bot.cli.standard_input import STDIN, lines
from bot.cli.status import Status, of_all, of_report
from bot.identity import missing_identity
from bot.request import Request, UsageError, parse_domain, parse_ports
from bot.world import open_world

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Sequence

    from bot.cli.earlier import Earlier
    from bot.cli.output import Output
    from bot.edges import World
    from bot.settings import Settings

log = logging.getLogger(__name__)

_NO_CANARY = (
    "--prove needs a mailbox of ours for the message to arrive at: set RELAYCHECK_CANARY_LISTEN to "
    "an address and port of this machine, such as 192.0.2.1:25, and RELAYCHECK_RCPT_TO to a "
    "mailbox whose MX leads there."
)


_ONE_PAGE = (
    "--html writes one page, so it takes one domain: "
    "type for example `relaycheck check --html example.com > report.html`."
)


async def run(arguments: argparse.Namespace, settings: Settings) -> Status:
    """Check every domain that the arguments and stdin name; return what to exit with.

    Raises:
        UsageError: An option cannot be used; nothing was checked.
    """
    if arguments.html and (len(arguments.domains) > 1 or STDIN in arguments.domains):
        raise UsageError(_ONE_PAGE)
    wanted = _Wanted(
        probe=not arguments.no_probe,
        variants=arguments.variants,
        prove=arguments.prove,
        ports=_ports(arguments.ports, settings),
        allowed_suffixes=settings.allow_domains,
    )
    async with open_world(settings, resolver=arguments.resolver) as opened:
        world = replace(opened, wait_s=arguments.wait)
        if wanted.prove and world.canary is None:
            raise UsageError(_NO_CANARY)
        if wanted.probe and (warning := missing_identity(settings, world.vantage)):
            say(warning)
        async with open_earlier(settings) as earlier:
            with open_output(as_json=arguments.json, as_html=arguments.html) as output:
                run = _Run(wanted, world, output, earlier)
                return await _check_all(arguments.domains, run, arguments.concurrency)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is asked of every domain of this run."""

    probe: bool
    variants: bool
    prove: bool
    ports: tuple[int, ...] | None
    allowed_suffixes: tuple[str, ...]

    def of(self, text: str) -> Request:
        domain = parse_domain(text, allowed_suffixes=self.allowed_suffixes)
        return Request(
            domain=domain,
            shown=domain.shown,
            probe=self.probe,
            variants=self.variants,
            prove=self.prove,
            ports=self.ports,
        )


@dataclass(frozen=True, slots=True)
class _Run:
    """What the checks of this run share."""

    wanted: _Wanted
    world: World
    output: Output
    earlier: Earlier


def _ports(text: str | None, settings: Settings) -> tuple[int, ...] | None:
    # Other ports only ever reach addresses that the operator allowed; see ``bot.check``.
    return None if text is None else parse_ports(text, others=bool(settings.allow_networks))


async def _check_all(domains: Sequence[str], run: _Run, concurrency: int) -> Status:
    statuses: list[Status] = []
    slots = asyncio.Semaphore(concurrency)

    async def one(text: str) -> None:
        try:
            statuses.append(await _check_one(text, run))
        finally:
            slots.release()

    async with asyncio.TaskGroup() as tasks:
        async for text in _each(domains):
            await slots.acquire()
            tasks.create_task(one(text))
    return of_all(statuses)


async def _each(domains: Sequence[str]) -> AsyncIterator[str]:
    """Yield the arguments, and the lines of stdin where one of them is ``-``."""
    for text in domains:
        if text == STDIN:
            async for line in lines():
                yield line
        else:
            yield text


async def _check_one(text: str, run: _Run) -> Status:
    try:
        request = run.wanted.of(text)
    except UsageError as error:
        say(error.message)
        return Status.USAGE
    try:
        async for progress in check(request, run.world):
            run.output.progress(progress)
        run.output.finished(progress.report, await run.earlier.before(progress.report))
        await run.earlier.keep(progress.report)
    except BrokenPipeError:  # nobody reads on: all end
        raise
    except Exception:  # the outermost handler of one check: the others go on
        log.exception("the check of %s failed by a fault of ours", request.domain)
        return Status.UNKNOWN
    return of_report(progress.report, probed=run.wanted.probe)

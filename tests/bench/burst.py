r"""A thousand commands in a second, while everybody who is being checked means harm.

    .venv/bin/python -m tests.bench.burst [--commands 1000] [--tarpits 4] [--giants 10] \
        [--flooders 5] [--socket-mode]

The product as it is, over HTTP or Socket Mode, between a stand-in of Slack and ``hostile_world``,
each in a process of its own. First the tarpits take every connection of theirs: four domains of 50
hosts are 200. Then the giant DNS answers, the flooders and a silent name server are asked for, and
at once the commands begin, signed, evenly over one second, each for another domain. Prints how long
the acks took. Exits with 1 where a command was not acknowledged within Slack's 3 s, or refused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from bot.sandbox.slack import StandIn, payloads
from bot.sandbox.slack.delivery import ACK_DEADLINE_S, Kind
from bot.sandbox.slack.http_delivery import encode, signed
from bot.slack.front.manifest import manifest
from tests.bench.hostile_world import HOSTS, NETWORK, SUFFIX
from tests.servers.daemon import free_endpoint

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Sequence

_UNDERSTOOD = "Checking"
# A card says in its small print how long the check took, once it is finished.
_TOOK = re.compile(r" \d+\.\d s ")
_READY_S, _END_S = 30.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """How many commands in a second, and how many domains of each kind beside them."""

    commands: int
    tarpits: int
    giants: int
    flooders: int
    socket_mode: bool = False


@dataclass(frozen=True, slots=True)
class Ack:
    """What came of one command: seconds, HTTP status, and the text that the person sees."""

    took_s: float
    status: int
    text: str

    @property
    def is_good(self) -> bool:
        """Whether Slack, and the person, would be content."""
        return self.status == 200 and self.took_s <= ACK_DEADLINE_S and _UNDERSTOOD in self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a burst.

    ``acks`` of each command, in their order; ``used_s``: the processor seconds that the process
    which acknowledges used meanwhile; ``domains``: those of the commands; ``cards``: the text of
    each finished card of theirs that stands in the channel.
    """

    acks: list[Ack]
    used_s: float
    domains: list[str]
    cards: list[str]


async def run(burst: Burst, *, to_the_end: bool = False) -> Outcome:
    """Set the stage and fire; ``to_the_end``: wait until each command has its finished card."""
    async with _hostile_world(burst) as (where, held):
        scopes = frozenset(manifest()["oauth_config"]["scopes"]["bot"])
        async with StandIn(rate_limits=False, scopes=scopes, ack_deadline_s=_END_S) as slack:
            url = f"http://127.0.0.1:{free_endpoint().port}"
            if not burst.socket_mode:
                slack.courier.request_url = f"{url}/slack/events"
            async with _app(slack, where, url) as process, _session() as session:
                await _all(session, slack, [f"tar{n}" for n in range(burst.tarpits)])
                await held
                others = [f"giant{n}" for n in range(burst.giants)]
                others += [f"flood{n}" for n in range(burst.flooders)]
                await _all(session, slack, [*others, "silent0"])
                before = _processor_s(process.pid)
                asked = [f"none{n}" for n in range(burst.commands)]
                acks = await _all(session, slack, asked)
                used_s = _processor_s(process.pid) - before
                if to_the_end:
                    await slack.until(lambda: len(_finished(slack)) >= len(asked), _END_S)
                domains = [f"{name}.{SUFFIX}" for name in asked]
                cards = _finished(slack)
                return Outcome(acks=acks, used_s=used_s, domains=domains, cards=cards)


def _finished(slack: StandIn) -> list[str]:
    """Return the cards of the commands that say how long their check took."""
    parents = slack.channel("incident").parents
    return [
        card.text
        for card in parents
        if card.text.startswith("none") and _TOOK.search(str(card.blocks))
    ]


def _processor_s(pid: int) -> float:
    """Return the processor time that a process has used, by proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _all(session: aiohttp.ClientSession, slack: StandIn, domains: Sequence[str]) -> list[Ack]:
    """Ask for every domain, evenly over one second."""
    pace = 1 / max(len(domains), 1)

    async def one(number: int, domain: str) -> Ack:
        await asyncio.sleep(number * pace)
        return await _command(session, slack, f"{domain}.{SUFFIX}")

    return list(await asyncio.gather(*(one(*each) for each in enumerate(domains))))


async def _command(session: aiohttp.ClientSession, slack: StandIn, text: str) -> Ack:
    user, channel = slack.workspace.user("dana"), slack.workspace.channel("incident")
    payload = payloads.slash_command(slack.state, user, channel, "/relaycheck", text)
    if slack.courier.request_url is None:
        told = await slack.courier.deliver(Kind.SLASH, payload)
        return Ack(
            told.took_s, told.status or 0, json.dumps(told.body) if told.body else told.error
        )
    content_type, body = encode(Kind.SLASH, payload)
    headers = signed(slack.state.signing_secret, body, str(int(time.time())))
    began = time.perf_counter()
    try:
        async with session.post(
            slack.courier.request_url,
            data=body,
            headers={"Content-Type": content_type, **headers},
        ) as answer:
            said = await answer.text()
    except (aiohttp.ClientError, TimeoutError) as fault:
        return Ack(time.perf_counter() - began, 0, repr(fault))
    return Ack(time.perf_counter() - began, answer.status, said)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60)
    )


@asynccontextmanager
async def _hostile_world(
    burst: Burst,
) -> AsyncIterator[tuple[dict[str, str], asyncio.Task[None]]]:
    """Run the world; yield where it is, and what ends when every tarpit holds a connection."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.hostile_world"),
        *(str(burst.tarpits), str(burst.flooders)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    stdout = process.stdout
    assert stdout is not None
    where = json.loads(await stdout.readline())

    async def all_held() -> None:
        async with asyncio.timeout(_READY_S):
            for _ in range(burst.tarpits * HOSTS):
                assert await stdout.readline()

    held = asyncio.create_task(all_held())
    try:
        yield where, held
    finally:
        held.cancel()
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def _app(slack: StandIn, where: dict[str, str], url: str) -> AsyncIterator[Process]:
    """Run the product; it is killed in the end, since its checks would go on for minutes."""
    with tempfile.TemporaryDirectory(prefix="relaycheck-burst-") as folder:
        settings = {
            **slack.environment(),
            "RELAYCHECK_HTTP_PORT": url.rpartition(":")[2],
            "RELAYCHECK_RESOLVER": where["resolver"],
            "RELAYCHECK_PORTS": str(where["port"]),
            "RELAYCHECK_ALLOW_NETWORKS": NETWORK,
            "RELAYCHECK_ALLOW_DOMAINS": SUFFIX,
            "RELAYCHECK_BLOCKLISTS": "off",
            **{
                f"RELAYCHECK_RATE_{of}": "off"
                for of in ("USER", "WORKSPACE", "TOTAL", "ADDRESS", "NETWORK")
            },
            "RELAYCHECK_EHLO_NAME": "probe.example.net",
            "RELAYCHECK_DATABASE_URL": f"sqlite:///{folder}/relaycheck.db",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve"),
            env={**os.environ, **settings},  # noqa: TID251 - of this process
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _ready(url)
            yield process
        finally:
            process.kill()
            await process.wait()


async def _ready(url: str) -> None:
    async with _session() as session, asyncio.timeout(_READY_S):
        while True:
            try:
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("commands", 1000), ("tarpits", 4), ("giants", 10), ("flooders", 5)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--socket-mode", action="store_true")
    burst = Burst(**vars(parser.parse_args(arguments)))
    outcome = asyncio.run(run(burst))
    acks = outcome.acks
    took = sorted(ack.took_s for ack in acks)
    bad = [ack for ack in acks if not ack.is_good]
    sys.stdout.write(
        f"{len(acks)} commands beside {burst}\n"
        f"ack: p50 {statistics.median(took):.3f} s, p99 {took[int(len(took) * 0.99)]:.3f} s, "
        f"max {took[-1]:.3f} s; {len(bad)} late or refused"
        f"{f', such as {bad[0]}' if bad else ''}\n"
        f"processor time of the process that acknowledges: {outcome.used_s:.1f} s\n"
    )
    return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main())

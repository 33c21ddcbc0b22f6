"""Kills the app -9 again and again while commands come in; nothing may be lost, nothing doubled.

    .venv/bin/python -m tests.bench.chaos [--kills 100] [--flight 20] [--database URL] [--seed N]
        [--may-read]

Between a stand-in of Slack and the sample mail hosts runs the product as it is, over HTTP. It is
killed at a random moment of its life, start included, and started again; so many commands are kept
in flight, each in a channel of its own. In the end every command that was acknowledged must have
its one finished card with one reply for each host. A message that was being posted when the process
died may stand twice, since Slack was not heard; then the later one says so, and is counted apart.
With the scope to read channels (``--may-read``) it is found, and nothing stands twice.
Exits with 1 where a command was lost or doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import re
import socket
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from bot.deliver.outbox import POSTED_AGAIN
from bot.sandbox.hosts import sample_hosts
from bot.sandbox.session import bot_settings
from bot.sandbox.slack import StandIn
from bot.sandbox.slack.sample import BOT_USER
from bot.sandbox.slack.stand_in import SCOPES
from bot.sandbox.slack.workspace import Channel

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping, Sequence

    from bot.sandbox.slack.workspace import Message

# A card says in its small print how long the check took, once it is finished.
_FINISHED = re.compile(r" \d+\.\d s ")
# How long a process lives at the most, from its being ready on; every fourth dies as it starts.
LIFE_S = 4.0
_START_S = 60.0
_END_S = 180.0


@dataclass(slots=True, kw_only=True)
class Chaos:
    """The stage, and what was asked on it: the channel of each command that was acknowledged."""

    slack: StandIn
    domains: Sequence[str]
    settings: Mapping[str, str]
    log: Path
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    accepted: set[str] = field(default_factory=set)
    refused: int = 0

    def messages(self, channel: str) -> tuple[Message, ...]:
        """Return what stands in the channel of a command, replies apart."""
        return self.slack.channel(channel).parents

    def is_done(self, channel: str) -> bool:
        """Whether a command has a finished card."""
        return any(map(is_finished, self.messages(channel)))

    @property
    def in_flight(self) -> int:
        """How many commands were acknowledged and have no finished card yet."""
        return sum(not self.is_done(channel) for channel in self.accepted)

    async def command(self) -> None:
        """Give one command in a channel of its own."""
        number = next(self.numbers)
        channel = Channel(
            id=f"C0CHAOS{number:05}",
            name=f"chaos-{number}",
            members=frozenset({BOT_USER, "U0DANA"}),
        )
        self.slack.workspace.keep_channel(channel)
        domain = self.domains[number % len(self.domains)]
        ack = await self.slack.slash_command("dana", channel.name, domain)
        if ack.in_time and "Checking" in str(ack.body):
            self.accepted.add(channel.id)
        else:
            self.refused += 1

    async def life(self, lasts_s: float, flight: int, *, dies_young: bool) -> None:
        """Run the app for a while, keep commands in flight, and kill it -9."""
        process = await self.start()
        try:
            async with asyncio.timeout(lasts_s if dies_young else _START_S):
                await self.ready()
            async with asyncio.timeout(lasts_s):
                while True:
                    wanted = max(flight - self.in_flight, 0)
                    await asyncio.gather(*(self.command() for _ in range(wanted)))
                    await asyncio.sleep(0.05)
        except TimeoutError:
            if process.returncode is not None:
                raise RuntimeError(f"it ended by itself:\n{self.log.read_text()[-4000:]}") from None
            process.kill()
        await process.wait()

    async def rest(self) -> None:
        """Run the app until everything is done, and stop it as a supervisor would."""
        process = await self.start()
        try:
            with suppress(TimeoutError):
                await self.slack.until(lambda: not self.in_flight, within_s=_END_S)
        finally:
            process.terminate()
            await process.wait()

    async def start(self) -> Process:
        """Start the app."""
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "serve"),
                env={**os.environ, **self.settings},  # noqa: TID251 - of this process
                stderr=log,
            )

    async def ready(self) -> None:
        """Wait until the app takes commands."""
        url = f"http://127.0.0.1:{self.settings['RELAYCHECK_HTTP_PORT']}/healthz"
        async with aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError):
                    async with session.get(url) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.02)

    def report(self) -> Report:
        """Return what became of the commands."""
        return Report(
            accepted=len(self.accepted),
            refused=self.refused,
            lost=tuple(sorted(each for each in self.accepted if not self.is_done(each))),
            doubled=tuple(sorted(each for each in self.accepted if self._is_doubled(each))),
            in_doubt=sum(map(self._said, self.accepted)),
            twice=sum(map(self._surplus, self.accepted)),
        )

    def _is_doubled(self, channel: str) -> bool:
        """Whether more stands twice than is said to."""
        return self._surplus(channel) > self._said(channel)

    def _surplus(self, channel: str) -> int:
        """Return how much more stands than one parent, and one reply a host."""
        everything = self.slack.channel(channel).messages
        subjects = [(message.is_reply, message.text.partition(":")[0]) for message in everything]
        return len(subjects) - len(set(subjects))

    def _said(self, channel: str) -> int:
        """Return how many messages say that they may stand twice."""
        return sum(POSTED_AGAIN in str(message) for message in self.slack.channel(channel).messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of the commands.

    ``in_doubt``: how many messages say that they may stand twice; ``twice``: how many do.
    """

    accepted: int
    refused: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    in_doubt: int
    twice: int


def is_finished(message: Message) -> bool:
    """Whether a parent message is a finished card."""
    return bool(_FINISHED.search(str(message.blocks)))


async def chaos(
    *,
    kills: int,
    flight: int,
    database: str | None = None,
    seed: int | None = None,
    may_read: bool = False,
) -> Report:
    """Kill the app so many times with so many commands in flight, and tell what became of them.

    Args:
        kills: How many lives end by SIGKILL before the last one.
        flight: How many commands are kept in flight.
        database: The URL of an empty database; None: a SQLite file.
        seed: For the moments of the kills.
        may_read: Whether the app was granted to read channels, which it does not ask for.
    """
    moments = random.Random(seed)  # noqa: S311 - no secret
    async with AsyncExitStack() as stack:
        hosts = await stack.enter_async_context(sample_hosts(with_canary=False))
        slack = await stack.enter_async_context(
            StandIn(
                rate_limits=False, scopes=SCOPES | ({"channels:history"} if may_read else set())
            )
        )
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="relaycheck-chaos-"))
        settings = bot_settings(slack, hosts, _free_port()) | {
            "RELAYCHECK_DATABASE_URL": database or f"sqlite:///{folder}/relaycheck.db",
            "RELAYCHECK_BLOCKLISTS": "off",
        }
        settings.pop("SLACK_APP_TOKEN", None)
        slack.courier.request_url = (
            f"http://127.0.0.1:{settings['RELAYCHECK_HTTP_PORT']}/slack/events"
        )
        # The app lets a greylisting server have its time, which is longer than a life here.
        domains = [each.domain for each in hosts.samples if "greylist" not in each.domain]
        play = Chaos(slack=slack, domains=domains, settings=settings, log=Path(folder, "app.log"))
        for number in range(kills):
            lasts_s = moments.uniform(0.2, LIFE_S)
            await play.life(lasts_s, flight, dies_young=number % 4 == 3)
        await play.rest()
        return play.report()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run it, and print what became of the commands."""
    parser = argparse.ArgumentParser(description="Kill the app again and again.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--flight", type=int, default=20)
    parser.add_argument("--database", help="default: a SQLite file")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--may-read", action="store_true", help="with the scope channels:history")
    given = parser.parse_args()
    report = asyncio.run(
        chaos(
            kills=given.kills,
            flight=given.flight,
            database=given.database,
            seed=given.seed,
            may_read=given.may_read,
        )
    )
    print(report)  # noqa: T201 - the result
    return 1 if report.lost or report.doubled or not report.accepted else 0


if __name__ == "__main__":
    sys.exit(main())

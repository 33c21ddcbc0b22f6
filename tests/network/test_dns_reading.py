"""Giant answers are read elsewhere, and read the same."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import dns.message
import pytest

from bot.model.question import AnswerStatus, QType, Question
from bot.network import dns_message, dns_reading
from bot.network.dns_message import MalformedReply, Query
from tests.servers.stub_dns import reply

READER = """
import asyncio, sys
from bot.network import dns_reading
from tests.network.test_dns_reading import answered

async def main():
    await dns_reading.read(*answered(200))
    print(*dns_reading._reader()._processes, flush=True)
    sys.stdin.read()

if __name__ == "__main__":
    asyncio.run(main())
"""


def answered(records: int) -> tuple[Query, bytes]:
    """Return a question for MX, and an answer with so many."""
    query = dns_message.write(Question("example.com", QType.MX))
    lines = [f"example.com. 60 MX {number} mx{number}.example." for number in range(records)]
    return query, reply(dns.message.from_wire(query.wire), *lines)


async def test_a_short_answer_is_read_here() -> None:
    """Nothing is started for an answer of ordinary length."""
    dns_reading._reader.cache_clear()
    query, wire = answered(3)

    assert len((await dns_reading.read(query, wire)).records) == 3
    assert 0 == dns_reading._reader.cache_info().currsize


async def test_a_long_answer_reads_the_same_elsewhere() -> None:
    """What the reader's process returns is what would be read here."""
    query, wire = answered(1000)

    found = await dns_reading.read(query, wire)

    assert AnswerStatus.RECORDS == found.status
    assert dns_message.read(query, wire) == found
    assert os.getpid() not in dns_reading._reader()._processes


async def test_a_long_answer_that_breaks_the_format() -> None:
    """The reader's complaint comes back as it would from here."""
    query, wire = answered(1000)

    with pytest.raises(MalformedReply):
        await dns_reading.read(query, wire[: len(wire) // 2])


async def test_a_reader_that_dies_is_replaced() -> None:
    """Whatever brought the reader down, that answer is malformed and the next is read."""
    query, wire = answered(1000)
    await dns_reading.read(query, wire)
    (pid,) = dns_reading._reader()._processes
    os.kill(pid, signal.SIGKILL)

    async def until_it_is_noticed() -> None:
        while True:
            await dns_reading.read(query, wire)

    with pytest.raises(MalformedReply, match="brought its reader down"):
        await until_it_is_noticed()
    assert 256 == len((await dns_reading.read(query, wire)).records)


async def test_the_reader_ends_with_whom_it_serves() -> None:
    """A process that is killed leaves no reader behind."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", READER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    reader = int(await process.stdout.readline())
    process.kill()
    await process.wait()

    while _is_alive(reader):  # noqa: ASYNC110 - no child of ours, so nobody tells us
        await asyncio.sleep(0.02)


def _is_alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

"""Lines are taken from a descriptor as they come, and nothing waits for more than is needed."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from bot.cli.standard_input import _AHEAD, MAX_LINE, lines

if TYPE_CHECKING:
    from pathlib import Path


async def collect(descriptor: int) -> list[str]:
    """Return every line."""
    return [line async for line in lines(descriptor)]


async def test_a_line_is_there_before_the_end() -> None:
    """A line of a pipe is yielded while the writer still holds the pipe open."""
    readable, writable = os.pipe()
    taken = lines(readable)

    os.write(writable, b"a.example\n\n  \n b.example \r\nc.exa")
    assert "a.example" == await anext(taken)
    assert "b.example" == await anext(taken)
    os.close(writable)
    assert "c.exa" == await anext(taken)
    with pytest.raises(StopAsyncIteration):
        await anext(taken)
    os.close(readable)


async def test_a_file_is_read_as_well(tmp_path: Path) -> None:
    """A redirected file of many more lines than are read ahead comes whole and in order."""
    expected = [f"host{number}.example" for number in range(5 * _AHEAD)]
    source = tmp_path / "domains"
    source.write_text("\n".join(expected))

    with source.open() as opened:
        assert expected == await collect(opened.fileno())


async def test_foreign_bytes_and_endless_lines_are_bounded(tmp_path: Path) -> None:
    """What is not UTF-8 is replaced; a line without an end comes in pieces."""
    source = tmp_path / "domains"
    source.write_bytes(b"b\xfccher.example\n" + b"x" * (MAX_LINE + 1))

    with source.open() as opened:
        assert ["b\ufffdcher.example", "x" * MAX_LINE, "x"] == await collect(opened.fileno())


async def test_a_closed_descriptor_has_no_lines() -> None:
    """Without standard input there is nothing to read, and no wait."""
    readable, writable = os.pipe()
    os.close(readable)
    os.close(writable)

    assert [] == await collect(readable)


def test_the_program_may_end_while_a_line_is_awaited() -> None:
    """A loop that ends does not wait for the reader, nor does the reader fail afterwards."""
    readable, writable = os.pipe()

    async def wait_in_vain() -> None:
        async with asyncio.timeout(0.05):
            await anext(lines(readable))

    with pytest.raises(TimeoutError):
        asyncio.run(wait_in_vain())
    os.write(writable, b"too.late.example\n")
    os.close(writable)

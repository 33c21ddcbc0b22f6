"""The canary keeps what arrives, within bounds."""

from __future__ import annotations

import asyncio

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.sandbox.hosts.canary import Canary, Message, path_of


async def receive(canary: Canary, content: bytes) -> str:
    """Hand over one message as aiosmtpd does."""
    loop = asyncio.get_running_loop()
    envelope = Envelope()
    envelope.mail_from = "<>"
    envelope.rcpt_tos = ["a@b.example"]
    envelope.original_content = content
    return await canary.handle_DATA(SMTP(canary, loop=loop), Session(loop), envelope)


async def test_a_message_is_awaited_by_its_content() -> None:
    """Who waits for a token gets its message, whether it came before or comes later."""
    canary = Canary()
    early = asyncio.create_task(canary.arrival(b"token-2", within_s=10))
    replies = [await receive(canary, b"token-1"), await receive(canary, b"token-2")]

    assert Message("", ("a@b.example",), b"token-2") == await early
    assert b"token-1" == (await canary.arrival(b"token-1", within_s=10)).content
    assert ["250", "250"] == [reply[:3] for reply in replies]


async def test_waiting_ends() -> None:
    """What does not come is a timeout."""
    with pytest.raises(TimeoutError):
        await Canary().arrival(b"never", within_s=0)


async def test_the_oldest_messages_go() -> None:
    """No more than a thousand messages are kept."""
    canary = Canary()
    for number in range(1001):
        await receive(canary, str(number).encode())

    assert 1000 == len(canary.messages)
    assert b"1" == canary.messages[0].content


def test_paths_are_written_as_the_product_writes_them() -> None:
    """The spelling that aiosmtpd has for the null reverse-path becomes the empty path."""
    assert ("", "a@b.example") == (path_of("<>"), path_of("a@b.example"))

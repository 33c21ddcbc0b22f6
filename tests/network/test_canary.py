"""The canary, over a real SMTP connection: what it takes, what it notes, what it refuses."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

import aiosmtplib
import pytest

from bot.model.proof import TOKEN_HEADER
from bot.network import canary as canary_module
from bot.network.canary import Canary, open_canary, read_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
MAILBOXES = ("canary@canary.example", "probe@probe.example")


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    """Run a canary on loopback."""
    async with open_canary(
        [("127.0.0.1", 0)], MAILBOXES, name="mx.canary.example", now=lambda: NOW
    ) as running:
        yield running


def proof(token: str) -> EmailMessage:
    """Make a message such as a relay passes on."""
    message = EmailMessage()
    message["Received"] = "from probe by open.example; Tue, 24 Nov 2026 12:03:00 +0000"
    message["Subject"] = "Relay check"
    message[TOKEN_HEADER] = token
    message.set_content("A relay check.")
    return message


def bounce(token: str) -> EmailMessage:
    """Make a delivery status notification that quotes the message."""
    message = EmailMessage()
    message["Subject"] = "Undelivered Mail Returned to Sender"
    message.set_content("It could not be delivered.")
    message.add_attachment(proof(token))
    return message


async def send(canary: Canary, message: EmailMessage, reverse_path: str, forward_path: str) -> None:
    """Bring a message as a mail server would."""
    host, port = canary.addresses[0]
    await aiosmtplib.send(
        message,
        sender=reverse_path,
        recipients=[forward_path],
        hostname=host,
        port=port,
        start_tls=False,
    )


async def test_an_expected_token_is_noted_with_its_path(canary: Canary) -> None:
    """What came, when, from whom and by which path is the evidence of an open relay."""
    canary.expect("n0nce")
    await send(canary, proof("n0nce-foreign"), "probe@probe.example", "canary@canary.example")

    (arrival,) = canary.arrivals("n0nce")

    assert arrival.token == "n0nce-foreign"
    assert arrival.at == NOW
    assert arrival.peer == "127.0.0.1"
    assert not arrival.is_bounce
    assert arrival.received == ("from probe by open.example; Tue, 24 Nov 2026 12:03:00 +0000",)


async def test_a_bounce_is_no_delivery(canary: Canary) -> None:
    """A notification that quotes the token came about the message; the message did not."""
    canary.expect("n0nce")
    await send(canary, bounce("n0nce-foreign"), "", "probe@probe.example")

    (arrival,) = canary.arrivals("n0nce")

    assert arrival.is_bounce


async def test_what_is_not_expected_leaves_no_trace(canary: Canary) -> None:
    """Unknown tokens and mail without one are thrown away."""
    canary.expect("n0nce")
    for token in ("stranger-foreign", ""):
        await send(canary, proof(token), "a@example.org", "canary@canary.example")
    await send(canary, bounce("stranger-foreign"), "", "probe@probe.example")

    assert canary.arrivals("n0nce") == ()


async def test_until_it_knows_what_is_expected_it_puts_off(canary: Canary) -> None:
    """What another process may have expected comes again; mail without a token does not."""
    canary.is_recalling = True
    message = proof("n0nce-foreign")
    with pytest.raises(aiosmtplib.SMTPDataError, match="Not yet"):
        await send(canary, message, "probe@probe.example", "canary@canary.example")
    del message[TOKEN_HEADER]
    await send(canary, message, "a@example.org", "canary@canary.example")
    canary.expect("n0nce")
    await send(canary, proof("n0nce-foreign"), "probe@probe.example", "canary@canary.example")

    assert 1 == len(canary.arrivals("n0nce"))


async def test_it_relays_nothing(canary: Canary) -> None:
    """A recipient outside our own two domains is refused as a closed relay refuses."""
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
        await send(canary, proof("n0nce-x"), "a@example.org", "victim@example.net")

    assert caught.value.recipients[0].code == 554


async def test_waiting_ends_when_it_is_enough(canary: Canary) -> None:
    """Whoever waits is woken by the arrival and not by the clock."""
    canary.expect("n0nce")
    waiting = asyncio.create_task(canary.wait("n0nce", bool, 30))
    await asyncio.sleep(0)
    await send(canary, proof("n0nce-null"), "", "canary@canary.example")

    assert [arrival.token for arrival in await waiting] == ["n0nce-null"]


async def test_waiting_ends_when_the_time_is_over(canary: Canary) -> None:
    """Nothing came: the wait ends all the same, with what there is."""
    canary.expect("n0nce")

    assert await canary.wait("n0nce", bool, 0.01) == ()


async def test_too_many_connections_are_closed(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond its limit a connection gets no greeting; within it, it does again."""
    monkeypatch.setattr(canary_module, "CONNECTIONS", 1)
    host, port = canary.addresses[0]
    reader, writer = await asyncio.open_connection(host, port)
    assert (await reader.readline()).startswith(b"220")

    second_reader, second_writer = await asyncio.open_connection(host, port)
    assert await second_reader.read() == b""
    for stream in (writer, second_writer):
        stream.close()
        await stream.wait_closed()


def test_only_so_many_nonces_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest expectation goes first; expecting twice keeps what has come."""
    monkeypatch.setattr(canary_module, "EXPECTED", 2)
    canary = Canary(MAILBOXES, lambda: NOW)
    for nonce in ("a", "b", "b", "c"):
        canary.expect(nonce)

    assert list(canary._expected) == ["b", "c"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"X-Relaycheck-Token: n-foreign\r\n\r\nhello", ("n", "n-foreign", False, ())),
        (b"x-relaycheck-token:  n-null  \r\n\r\n", ("n", "n-null", False, ())),
        (b"Subject: x\r\n\r\n> X-Relaycheck-Token: n-foreign\r\n", ("n", "n-foreign", True, ())),
        (b"Subject: x\r\n\r\nX-Relaycheck-Token: m-foreign\r\n", None),
        (b"\xff\xfe no header at all", None),
        (b"", None),
    ],
)
def test_a_token_is_read(content: bytes, found: tuple[object, ...] | None) -> None:
    """A header of the message is the message; a quoted one is a bounce; others are nobody's."""
    assert found == read_token(content, {"n"})

"""The tests' own mail servers do what ``setups.toml`` says of them."""

from __future__ import annotations

import asyncio
import smtplib
from typing import TYPE_CHECKING

import pytest

from tests.servers.mailing import OUTSIDE, STRANGER, send, session
from tests.servers.namespace import beside_a_cable
from tests.servers.products import PRODUCTS
from tests.servers.setups import Setup, setups

if TYPE_CHECKING:
    from bot.sandbox.hosts.canary import Message
    from tests.servers.mail_server import MailServer
    from tests.servers.namespace import Cable

EVERY_SETUP = [
    pytest.param(each, id=f"{each.product}.{each.name}")
    for each in setups().values()
    if each.is_plain
]


def accepted(server: MailServer, **paths: tuple[str, str]) -> set[str]:
    """Return which of the transactions (reverse-path, forward-path) pass RCPT."""
    passed = set()
    with session(server) as smtp:
        for kind, (reverse_path, forward_path) in paths.items():
            code, _ = smtp.mail(reverse_path)
            if code == 250 and smtp.rcpt(forward_path)[0] == 250:
                passed.add(kind)
            smtp.rset()
    return passed


@pytest.mark.parametrize("setup", EVERY_SETUP)
async def test_rcpt_accepts_what_the_setup_relays(setup: Setup) -> None:
    """Every setup accepts an outside recipient from exactly the senders that it names."""
    domain = f"{setup.name.replace('_', '-')}.example.test"
    async with PRODUCTS[setup.product](domain, relay=setup.name) as server:
        passed = await asyncio.to_thread(
            accepted,
            server,
            foreign=(STRANGER, OUTSIDE),
            null=("", OUTSIDE),
            own_domain=(f"postmaster@{domain}", OUTSIDE),
        )

    assert setup.relays == passed


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_closed_server_takes_and_delivers_its_own_mail(product: str) -> None:
    """A closed server accepts its users, refuses an unknown one, and delivers what it accepted.

    Courier is asked in front of another server here, and knows no users.
    """
    domain = "closed.example.test"

    async def scenario(cable: Cable) -> tuple[set[str], Message]:
        async with PRODUCTS[product](domain, cable=cable) as server:
            passed = await asyncio.to_thread(
                accepted,
                server,
                alice=(STRANGER, f"alice@{domain}"),
                postmaster=(STRANGER, f"postmaster@{domain}"),
                nobody=(STRANGER, f"nobody@{domain}"),
            )
            await asyncio.to_thread(send, server, f"alice@{domain}", "to-alice")
            return passed, await server.sink.mailbox.arrival(b"to-alice", within_s=15)

    passed, message = beside_a_cable(scenario)

    assert {"alice", "postmaster"} == passed - ({"nobody"} if product == "courier" else set())
    assert (f"alice@{domain}",) == message.forward_paths
    assert STRANGER == message.reverse_path


@pytest.mark.parametrize("product", PRODUCTS)
async def test_an_open_server_relays(product: str) -> None:
    """What an open server accepted from a stranger to a stranger arrives outside."""
    async with PRODUCTS[product]("open.example.test", relay="open") as server:
        await asyncio.to_thread(send, server, OUTSIDE, "relayed")
        message = await server.sink.mailbox.arrival(b"relayed", within_s=15)

    assert (OUTSIDE,) == message.forward_paths


@pytest.mark.parametrize("product", ["postfix", "exim"])
async def test_a_server_may_refuse_after_data(product: str) -> None:
    """The setup ``data_refused`` accepts the recipient and refuses the message."""
    async with PRODUCTS[product]("data.example.test", relay="data_refused") as server:
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            await asyncio.to_thread(send, server, OUTSIDE, "refused")

    assert refusal.value.smtp_code in (550, 554)
    assert [] == server.sink.mailbox.messages


async def test_postfix_may_discard() -> None:
    """The setup ``discard`` accepts the message, logs it as sent, and relays nothing."""
    async with PRODUCTS["postfix"]("discard.example.test", relay="discard") as server:
        await asyncio.to_thread(send, server, OUTSIDE, "discarded")
        await server.logs("relay=none")

    assert [] == server.sink.mailbox.messages

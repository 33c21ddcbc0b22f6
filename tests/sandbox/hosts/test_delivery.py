"""Sample hosts pass mail on inside the sandbox, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import dns.zone
import pytest
from aiosmtpd.smtp import SMTP

from bot.sandbox.hosts.canary import Canary, Message
from bot.sandbox.hosts.delivery import deliver, mail_host
from bot.sandbox.hosts.listening import listen_everywhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

IP = "127.0.10.211"
DEAF = "127.0.10.212"
ZONE = dns.zone.from_text(
    f"""$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
probe MX 20 second
probe MX 10 first
first A {IP}
second A 127.0.10.213
deaf MX 10 silent
silent A {DEAF}
half MX 10 nowhere
null MX 0 .
""",
    origin="sandbox.test",
    relativize=False,
)
ZONES = (ZONE,)


@pytest.fixture
async def canary() -> AsyncIterator[tuple[Canary, int]]:
    """Run a canary at the first MX host; gives its port."""
    loop = asyncio.get_running_loop()
    mailbox = Canary()
    listener = listen_everywhere([IP])[IP]
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="c", loop=loop), sock=listener)
    yield mailbox, listener.getsockname()[1]
    server.close()


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("probe.sandbox.test", IP),
        ("null.sandbox.test", None),
        ("half.sandbox.test", None),
        ("first.sandbox.test", None),
        ("example.com", None),
        ("a" * 64, None),
    ],
)
def test_the_first_mx_host_is_the_route(domain: str, expected: str | None) -> None:
    """Mail goes to the MX host of lowest preference, if the zones hold its address."""
    assert expected == mail_host(ZONES, domain)


@pytest.mark.parametrize("reverse_path", ["someone@open.sandbox.test", ""])
async def test_mail_arrives_with_its_envelope(
    canary: tuple[Canary, int], reverse_path: str
) -> None:
    """Both paths arrive as they were, the null reverse-path too."""
    mailbox, port = canary
    message = Message(reverse_path, ("a@probe.sandbox.test",), b"Subject: token\r\n\r\nbody\r\n")
    await deliver(ZONES, port, "mx1.open.sandbox.test", message)

    assert message == await mailbox.arrival(b"token", within_s=10)


async def test_what_has_no_route_is_dropped_and_said(
    canary: tuple[Canary, int], caplog: pytest.LogCaptureFixture
) -> None:
    """A recipient outside the sandbox, or at a host that does not answer, is logged and dropped."""
    mailbox, port = canary
    recipients = ("a@example.com", "b@deaf.sandbox.test", "c@probe.sandbox.test")
    with caplog.at_level(logging.INFO, logger="bot.sandbox.hosts.delivery"):
        await deliver(ZONES, port, "mx", Message("", recipients, b"token\r\n"))

    assert ("c@probe.sandbox.test",) == (await mailbox.arrival(b"token", within_s=10)).forward_paths
    assert "a@example.com" in caplog.text
    assert DEAF in caplog.text

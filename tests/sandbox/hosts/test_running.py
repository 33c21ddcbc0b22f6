"""The sample hosts, running: each shows what it promises, to SMTP clients and to a check."""

from __future__ import annotations

import asyncio
import errno
import smtplib
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from bot.check import check
from bot.model.verdict import Reason
from bot.request import Request, parse_request
from bot.sandbox.hosts import SampleHosts, sample_hosts
from bot.sandbox.hosts.running import system_resolver
from bot.world import open_world
from tests.samples import settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.edges import World
    from bot.model.report import Report
    from bot.sandbox.hosts import Sample


@pytest.fixture
async def hosts() -> AsyncIterator[SampleHosts]:
    """Run the samples."""
    async with sample_hosts() as running:
        yield running


def address_of(hosts: SampleHosts, name: str) -> str:
    """Return the address of a sample's first host."""
    return next(
        sample.hosts[0].address
        for sample in hosts.samples
        if sample.domain == f"{name}.{hosts.suffix}"
    )


async def session(hosts: SampleHosts, name: str, *commands: str) -> list[str]:
    """Send commands to a sample's first host; return the greeting and each reply as one line."""

    def talk() -> list[str]:
        smtp = smtplib.SMTP(local_hostname="probe.example", timeout=20)
        replies = [smtp.connect(address_of(hosts, name), hosts.port)]
        replies += [smtp.docmd(command) for command in commands]
        smtp.close()
        return [f"{code} {text.decode()}" for code, text in replies]

    return await asyncio.to_thread(talk)


async def test_every_sample_shows_what_it_promises(hosts: SampleHosts) -> None:
    """A check of each sample, all at once, ends in the verdict that the sample expects."""
    async with open_world(settings_for(hosts)) as world:
        reports = await asyncio.gather(
            *(checked(sample, hosts.suffix, world) for sample in hosts.samples)
        )

    assert {sample.domain: sample.expects for sample in hosts.samples} == {
        report.domain.ascii: f"{report.judgement.verdict}/{report.judgement.reason}"
        for report in reports
        if report.judgement
    }


async def checked(sample: Sample, suffix: str, world: World) -> Report:
    """Check one sample to its end."""
    request = parse_request(sample.domain, allowed_suffixes=(suffix,))
    assert isinstance(request, Request)
    reports = [progress.report async for progress in check(request, world)]
    return reports[-1]


async def test_an_open_sample_really_relays(hosts: SampleHosts) -> None:
    """What a stranger hands to the open sample for outside arrives at the canary, with its path."""
    assert hosts.canary is not None
    recipient = f"canary@{hosts.probe}"

    def send() -> None:
        with smtplib.SMTP(
            address_of(hosts, "open"), hosts.port, local_hostname="me.example"
        ) as smtp:
            smtp.sendmail("stranger@example.com", [recipient], "Subject: t\r\n\r\ntoken\r\n")

    await asyncio.to_thread(send)
    message = await hosts.canary.arrival(b"token", within_s=10)

    assert ("stranger@example.com", (recipient,)) == (message.reverse_path, message.forward_paths)
    assert message.content.startswith(b"Received: from me.example ([127.0.0.1])")


async def test_mail_for_its_own_users_stays(hosts: SampleHosts) -> None:
    """A closed sample takes mail for a user of its own and passes nothing on."""

    def send() -> None:
        with smtplib.SMTP(address_of(hosts, "closed"), hosts.port) as smtp:
            smtp.sendmail("", ["alice@closed.sandbox.test"], "Subject: t\r\n\r\ntoken\r\n")

    await asyncio.to_thread(send)

    assert hosts.canary is not None
    assert [] == hosts.canary.messages


async def test_a_message_may_be_refused(hosts: SampleHosts) -> None:
    """The sample that refuses after DATA accepts the recipient first."""

    def send() -> None:
        with smtplib.SMTP(address_of(hosts, "data-refused"), hosts.port) as smtp:
            smtp.sendmail("", ["someone@example.com"], "Subject: t\r\n\r\ntoken\r\n")

    with pytest.raises(smtplib.SMTPDataError, match="classified as spam"):
        await asyncio.to_thread(send)


async def test_greylisting_remembers(hosts: SampleHosts) -> None:
    """The greylisting sample defers a triplet each time until its delay is over."""
    replies = await session(
        hosts,
        "greylist",
        "HELO probe.example",
        "MAIL FROM:<a@example.com>",
        "RCPT TO:<b@example.com>",
        "RCPT TO:<b@example.com>",
    )

    assert replies[1] == "250 mx1.greylist.sandbox.test"
    assert ["450 4.2.0", "450 4.2.0"] == [reply[:9] for reply in replies[3:]]


async def test_logins_are_offered_where_they_are_demanded(hosts: SampleHosts) -> None:
    """AUTH and STARTTLS stand among the EHLO keywords of exactly the samples that have them."""
    keywords = {
        name: set((await session(hosts, name, "EHLO probe.example"))[1].split())
        for name in ("login", "closed", "open")
    }

    assert {"login": True, "closed": False, "open": False} == {
        name: "AUTH" in words for name, words in keywords.items()
    }
    assert {"login": False, "closed": True, "open": False} == {
        name: "STARTTLS" in words for name, words in keywords.items()
    }


async def test_starttls_opens_the_way(hosts: SampleHosts) -> None:
    """The sample that demands STARTTLS refuses MAIL before it, and offers no second one behind."""

    def talk() -> tuple[int, int, bool]:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        with smtplib.SMTP(address_of(hosts, "starttls"), hosts.port) as smtp:
            smtp.ehlo()
            before, _ = smtp.mail("a@example.com")
            smtp.starttls(context=trusting)
            smtp.ehlo()
            return before, smtp.mail("a@example.com")[0], smtp.has_extn("starttls")

    assert (530, 250, False) == await asyncio.to_thread(talk)


async def test_the_hostile_sample_greets_with_what_it_promises(hosts: SampleHosts) -> None:
    """The greeting holds a mention, a link, an escape sequence and a bidirectional override."""
    (greeting,) = await session(hosts, "hostile")

    assert all(
        each in greeting for each in ("<!channel>", "https://evil.example/", "\x1b[", "\u202e")
    )


async def test_without_ipv6_its_sample_expects_to_be_unreachable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a machine without ::1 the sample stays, and the check finds what it then expects."""

    class WithoutIpv6(socket.socket):
        def bind(self, address: Any) -> None:  # noqa: ANN401 - as the class above has it
            if self.family is socket.AF_INET6:
                raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
            super().bind(address)

    monkeypatch.setattr(socket, "socket", WithoutIpv6)
    async with sample_hosts() as hosts, open_world(settings_for(hosts)) as world:
        (sample,) = [one for one in hosts.samples if one.domain == "ipv6.sandbox.test"]
        report = await checked(sample, hosts.suffix, world)

    assert report.judgement is not None
    assert "inconclusive/unreachable" == sample.expects
    assert sample.expects == f"{report.judgement.verdict}/{report.judgement.reason}"


async def test_the_canary_may_be_left_to_others() -> None:
    """Without a canary its endpoint is free for the caller's own."""
    async with sample_hosts(with_canary=False) as hosts:
        ip, port = hosts.canary_endpoint
        server = await asyncio.start_server(lambda _, writer: writer.close(), ip, port)
        server.close()

    assert hosts.canary is None
    assert hosts.port == port


def test_the_system_names_its_resolver(tmp_path: Path) -> None:
    """The first name server of resolv.conf is the upstream; a file that names none gives none."""
    (tmp_path / "two").write_text("# mine\nnameserver 192.0.2.53\nnameserver 192.0.2.54\n")
    (tmp_path / "none").write_text("search example.com\n")

    assert "192.0.2.53" == system_resolver(str(tmp_path / "two"))
    assert system_resolver(str(tmp_path / "none")) is None
    assert system_resolver(str(tmp_path / "missing")) is None


async def test_online_changes_nothing_for_the_samples() -> None:
    """With an upstream resolver the sandbox's own names are still the sandbox's."""
    async with sample_hosts(online=True) as hosts, open_world(settings_for(hosts)) as world:
        (sample,) = [one for one in hosts.samples if one.domain == "null-mx.sandbox.test"]
        report = await checked(sample, hosts.suffix, world)

    assert report.judgement is not None
    assert Reason.NULL_MX is report.judgement.reason


async def test_a_wanted_port_is_used_and_connections_end(hosts: SampleHosts) -> None:
    """A fixed port is free again once the samples stopped, whoever was still connected."""
    async with sample_hosts() as first:
        reader, writer = await asyncio.open_connection(address_of(first, "closed"), first.port)
        await reader.readline()
    assert b"" == await reader.read()
    writer.close()
    await writer.wait_closed()

    async with sample_hosts(port=first.port) as second:
        assert first.port == second.port
        assert hosts.port != second.port

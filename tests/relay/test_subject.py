"""The plan of a pasted transcript is read from what was said in it."""

from __future__ import annotations

import pytest

from bot.model.domain_name import DomainName
from bot.relay.subject import Called, find_called, find_subject, normalise
from bot.relay.transcript import parse_transcript

GREETING = "220 mx1.example.com ESMTP\nEHLO laptop.example.org\n250 mx1.example.com\n"
CONTROL = (
    "MAIL FROM:<me@example.org>\n250 ok\nRCPT TO:<postmaster@Example.COM>\n250 ok\nRSET\n250 ok\n"
)
FOREIGN = "MAIL FROM:<me@example.org>\n250 ok\nRCPT TO:<you@example.net>\n554 no\nQUIT\n221 bye\n"


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("", Called()),
        ("$ telnet mx1.example.com 25", Called(host="mx1.example.com", port=25)),
        ("nc -C mx1.example.com 587", Called(host="mx1.example.com", port=587)),
        (
            "telnet 192.0.2.25 25\nTrying 192.0.2.25...\nConnected to 192.0.2.25.\n",
            Called(ip="192.0.2.25"),
        ),
        (
            "Trying 2001:db8::25...\nConnected to mx1.example.com.\nEscape character is '^]'.\n",
            Called(host="mx1.example.com", ip="2001:db8::25"),
        ),
        (
            "openssl s_client -quiet -connect mx1.example.com:465",
            Called(host="mx1.example.com", port=465),
        ),
        ("openssl s_client -connect [2001:db8::25]:465", Called(ip="2001:db8::25", port=465)),
    ],
)
def test_the_call_and_telnet_s_first_lines_say_where(text: str, called: Called) -> None:
    """Host, address and port stand above the conversation, where they stand at all."""
    assert called == find_called(text)
    assert (called.port == 465) == called.implicit_tls


def test_the_control_says_whose_server_it_is() -> None:
    """The postmaster's domain is the one under test; who is outside of it is the stranger."""
    exchanges = parse_transcript(GREETING + CONTROL + FOREIGN)
    subject = find_subject(exchanges, Called(ip="192.0.2.25"))

    assert subject.domain_is_known
    plan = subject.plan
    assert ("example.com", "mx1.example.com", "192.0.2.25", 25) == (
        plan.domain.ascii,
        plan.mx_host,
        plan.ip,
        plan.port,
    )
    assert ("laptop.example.org", "me@example.org", "you@example.net") == (
        plan.vantage.ehlo,
        plan.vantage.reverse_path,
        plan.vantage.forward_path,
    )


def test_somebody_may_say_whose_server_it_is() -> None:
    """A domain that was told goes before everything in the transcript."""
    told = DomainName("example.net", "example.net")
    subject = find_subject(parse_transcript(GREETING + FOREIGN), Called(), told)

    assert subject.domain_is_known
    assert told == subject.plan.domain
    assert "" == subject.plan.vantage.forward_path  # nobody outside of example.net was named


@pytest.mark.parametrize("control", ["", CONTROL.replace("Example.COM", "exa mple")])
def test_without_a_control_the_domain_is_not_known(control: str) -> None:
    """The server's name stands in, and is not taken for the domain."""
    subject = find_subject(parse_transcript(GREETING + control + FOREIGN), Called())

    assert not subject.domain_is_known
    assert "mx1.example.com" == subject.plan.domain.ascii


def test_nothing_said_leaves_nothing_known() -> None:
    """A server that only hangs up is still a conversation."""
    subject = find_subject(parse_transcript("421 busy"), Called())

    assert not subject.domain_is_known
    assert ("unknown.invalid", "", "") == (
        subject.plan.mx_host,
        subject.plan.vantage.ehlo,
        subject.plan.vantage.reverse_path,
    )


def test_the_mailbox_that_cannot_exist_is_known_again() -> None:
    """The any-domain attempt is told by its own label, and is nobody outside."""
    nowhere = CONTROL.replace("postmaster@Example.COM", "x7@x7.invalid")
    subject = find_subject(parse_transcript(GREETING + CONTROL + nowhere), Called())

    assert "x7" == subject.plan.nonce
    assert "" == subject.plan.vantage.forward_path


@pytest.mark.parametrize("sender", ["", "postmaster@example.com"])
def test_the_stranger_is_neither_nobody_nor_the_domain_s_own(sender: str) -> None:
    """The null and the own-domain reverse-path are attempts, not who asks."""
    other = FOREIGN.replace("me@example.org", sender)
    subject = find_subject(parse_transcript(GREETING + CONTROL + other), Called())

    assert "me@example.org" == subject.plan.vantage.reverse_path


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("mail from: me@example.org", "MAIL FROM:<me@example.org>"),
        ("RCPT  TO:you@example.net", None),
        ("rcpt to:you@example.net", "RCPT TO:<you@example.net>"),
        ("MAIL FROM:<me@example.org> SIZE=10", "MAIL FROM:<me@example.org>"),
        ("MAIL FROM:<>", "MAIL FROM:<>"),
        ("EHLO me", "EHLO me"),
    ],
)
def test_commands_are_put_into_their_full_form(typed: str, full: str | None) -> None:
    """Brackets, case and parameters make no other command."""
    (*_, exchange) = normalise(parse_transcript(f"220 hi\n{typed}\n250 ok\n"))

    assert (full or "RCPT  TO:<you@example.net>") == exchange.command

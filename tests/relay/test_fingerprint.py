"""Which mail server it seems to be."""

from __future__ import annotations

import pytest

from bot.model.exchange import Exchange, Reply, Stage
from bot.model.report import Mta
from bot.relay.fingerprint import fingerprint, marks
from bot.relay.session import Session

# Greetings as the servers send them, or as their documents have them.
GREETINGS = [
    ("mx.example.com ESMTP Postfix", "Postfix", None),
    ("mx.example.com ESMTP Postfix (Debian/GNU)", "Postfix", None),
    ("mx.example.com ESMTP Postfix (2.11.3)", "Postfix", "2.11.3"),
    ("mx.example.com ESMTP Exim 4.96 Mon, 23 Nov 2026 17:50:44 +0000", "Exim", "4.96"),
    ("mx.example.com ESMTP Sendmail 8.17.1/8.17.1; Mon, 23 Nov 2026 17:50", "Sendmail", "8.17.1"),
    ("mx.example.com ESMTP OpenSMTPD", "OpenSMTPD", None),
    ("mx.google.com ESMTP 4fb4d7f45d1cf-64536442fb6si12a12.0 - gsmtp", "Gmail", None),
    (
        "AM4PEPF00027A5D.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Mon",
        "Exchange Online",
        None,
    ),
    ("mx.example.com Microsoft ESMTP MAIL Service ready at Mon", "Exchange", None),
    (
        "mx.example.com Microsoft ESMTP MAIL Service, Version: 6.0.3790.4675 ready",
        "Exchange",
        "6.0.3790.4675",
    ),
    ("mx.example.com ESMTP Haraka/3.0.5 ready (2F1B4B2C)", "Haraka", "3.0.5"),
    ("mx.example.com Stalwart ESMTP at your service", "Stalwart", None),
    ("mx.example.com ESMTP Service (HCL Domino Release 12.0.2) ready", "Lotus Domino", "12.0.2"),
    ("mx.example.com ESMTP MDaemon 23.5.1; Mon, 23 Nov 2026", "MDaemon", "23.5.1"),
    ("mx.example.com ESMTP MailEnable Service, Version: 10.42-- ready", "MailEnable", "10.42"),
    ("mx.example.com Kerio Connect 9.4.2 ESMTP ready", "Kerio Connect", "9.4.2"),
    ("mx.example.com ESMTP IceWarp 14.0.0.1; Mon, 23 Nov 2026", "IceWarp", "14.0.0.1"),
    ("mx.example.com ESMTP CommuniGate Pro 6.3.3", "CommuniGate Pro", "6.3.3"),
    ("mx.example.com ESMTP Server (JAMES SMTP Server 2.3.2) ready", "Apache James", "2.3.2"),
    ("mx.example.com ESMTP Smtpd; Mon, 23 Nov 2026 17:50:44 GMT", "FortiMail", None),
    ("mx.example.com (PowerMTA(TM) v4.5r1) ESMTP service ready", "PowerMTA", "4.5r1"),
    ("2.0.0 mx.example.com ESMTP ecelerity 3.6.25.56547", "Momentum (Ecelerity)", "3.6.25.56547"),
    ("mx.example.com ESMTP (0123456789abcdef0123456789abcdef)", "Barracuda ESG", None),
    ("mx.example.com ESMTP qpsmtpd 0.96 ready", "qpsmtpd", "0.96"),
    ("mx.example.com Python SMTP 1.4.6", "aiosmtpd", "1.4.6"),
    ("mx.example.com ESMTP SubEthaSMTP 3.1.7", "SubEtha SMTP", "3.1.7"),
    ("**********************", "Cisco PIX fixup", None),
    ("mx.example.com (IMail 12.4.2.27 21349-1) NT-ESMTP Server X1", "IMail", "12.4.2.27"),
    ("ArGoSoft Mail Server Freeware, Version 1.8 (1.8.8.8)", "ArGoSoft", "1.8.8.8"),
    ("mx running Eudora Internet Mail Server 3.0.2", "Eudora Internet Mail Server", "3.0.2"),
    ("CheckPoint FireWall-1 secure ESMTP server", "Check Point FireWall-1", None),
    ("CCProxy 7.3 SMTP Service Ready(Unregistered)", "CCProxy", "7.3"),
    ("mx.example.com ESMTP SurgeMail (Version 3.8k4-4)", "SurgeMail", "3.8k4"),
    ("<1@mx> [XMail 1.27 ESMTP Server] service ready", "XMail", "1.27"),
    ("mx.example.com ZMailer Server 2.99.56 ESMTP ready", "ZMailer", None),
    ("mx.example.com SmarterMail ESMTP", "SmarterMail", None),
    ("mx.example.com Axigen ESMTP ready", "Axigen", None),
    ("eu-smtp-inbound-1.mimecast.com ESMTP; Mon, 23 Nov 2026", "Mimecast", None),
    ("mx0a-0000ec05.pphosted.com ESMTP mfa-m0001", "Proofpoint", None),
]
SINKS = [
    "mx.example.com Mailpit ESMTP Service ready",
    "mailhog.example ESMTP MailHog",
    "localhost smtp4dev ready",
    "mx.example.com Papercut SMTP server ready",
    "EventMachine SMTP Server",
    "mx.example.com GreenMail SMTP Service Ready",
    "inbucket Inbucket SMTP ready",
    "mx.example.com FakeSMTP ready",
    "Welcome to MailSlurper!",
    "mail.inetsim.org INetSim Mail Service ready.",
]


def greeted(text: str, *more: Exchange) -> tuple[Session, ...]:
    """A session with this greeting."""
    return (Session((Exchange(stage=Stage.GREETING, reply=Reply(220, (text,))), *more)),)


def told(stage: Stage, code: int, *lines: str) -> Exchange:
    """A reply at a stage."""
    return Exchange(stage=stage, command="X", reply=Reply(code, lines))


@pytest.mark.parametrize(("text", "product", "version"), GREETINGS)
def test_greeting(text: str, product: str, version: str | None) -> None:
    """A greeting that names a product gives it, and its version where it is there."""
    found = fingerprint(greeted(text))

    assert found is not None
    assert Mta(product, version, "banner") == found.mta
    assert not found.is_sink


@pytest.mark.parametrize("text", SINKS)
def test_sink(text: str) -> None:
    """A development sink is recognised by its greeting."""
    found = fingerprint(greeted(text))

    assert found is not None
    assert found.is_sink


@pytest.mark.parametrize("name", ["mailhog", "papercut", "mailpit", "inbucket", "greenmail"])
def test_a_host_name_makes_no_sink(name: str) -> None:
    """A relay is no sink because somebody called the host so."""
    found = fingerprint(greeted(f"{name}.example.com ESMTP Postfix"))

    assert found is not None
    assert Mta("Postfix", None, "banner") == found.mta
    assert not found.is_sink


@pytest.mark.parametrize(
    ("reply", "product", "where"),
    [
        (
            told(Stage.HELP, 214, "netqmail home page: http://qmail.org/netqmail"),
            "qmail",
            "replies",
        ),
        (told(Stage.HELP, 214, "2.0.0 This is OpenSMTPD"), "OpenSMTPD", "replies"),
        (told(Stage.HELP, 214, "Help system currently inactive."), "MDaemon", "replies"),
        (told(Stage.HELP, 214, "Commands:", "RSET XEXCH50 QUIT"), "Exchange", "replies"),
        (told(Stage.HELP, 214, "Commands supported:", "AUTH HELO EHLO"), "Exim", "replies"),
        (told(Stage.HELP, 214, "Report to bugs@icewarp.com"), "IceWarp", "replies"),
        (told(Stage.HELP, 214, "send mail to support@argosoft.com"), "ArGoSoft", "replies"),
        (told(Stage.RCPT, 550, "not local host b.example, not a gateway"), "IMail", "replies"),
        (
            told(Stage.EHLO, 250, "mx", "SIZE 1", "X-ANONYMOUSTLS", "X-EXPS NTLM"),
            "Exchange",
            "ehlo",
        ),
        (told(Stage.EHLO, 250, "mx Ok.", "XVERP=Courier", "PIPELINING"), "Courier", "ehlo"),
        (told(Stage.EHLO, 250, "mx Hello", "PIPECONNECT", "HELP"), "Exim", "ehlo"),
        (
            told(Stage.EHLO, 250, "mx", "PIPELINING", "SIZE 10240000", "ETRN", "DSN"),
            "Postfix",
            "ehlo",
        ),
        (told(Stage.RCPT, 550, "relay not permitted"), "Exim", "replies"),
        (told(Stage.RCPT, 554, "5.7.1 <a@b.example>: Relay access denied"), "Postfix", "replies"),
        (told(Stage.RCPT, 550, "#5.1.0 Address rejected."), "Cisco ESA", "replies"),
        (told(Stage.RSET, 250, "flushed"), "qmail", "replies"),
        (told(Stage.RCPT, 513, "Relaying denied."), "Courier", "replies"),
        (told(Stage.RCPT, 530, "SMTP authentication is required."), "hMailServer", "replies"),
    ],
)
def test_other_places(reply: Exchange, product: str, where: str) -> None:
    """A server that does not name itself is known by its EHLO keywords, or by what it says."""
    found = fingerprint(greeted("mx.example.com ESMTP", reply))

    assert found is not None
    assert Mta(product, None, where) == found.mta


def test_version_from_help() -> None:
    """Sendmail tells its version in HELP, even where the greeting is obscured."""
    for said in (
        told(Stage.HELP, 214, "2.0.0 This is sendmail version 8.17.1"),
        told(Stage.HELP, 502, "5.3.0 Sendmail 8.17.1 -- HELP not implemented"),
    ):
        found = fingerprint(greeted("mx.example.com ESMTP", said))

        assert found is not None
        assert Mta("Sendmail", "8.17.1", "replies") == found.mta


def test_greeting_before_ehlo_before_replies() -> None:
    """What a server says of itself goes before what it is known by."""
    found = fingerprint(greeted("mx ESMTP OpenSMTPD", told(Stage.RCPT, 550, "relay not permitted")))

    assert found is not None
    assert "OpenSMTPD" == found.mta.product


def test_mark_of_two_places() -> None:
    """A mark with two patterns needs both."""
    ehlo = told(
        Stage.EHLO, 250, "mx", "PIPELINING", "SIZE 10240000", "VRFY", "ETRN", "STARTTLS",
        "AUTH LOGIN PLAIN", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN",
    )  # fmt: skip
    honeypot = fingerprint(greeted("mx.example.com ESMTP Service Ready", ehlo))
    old_postfix = fingerprint(greeted("mx.example.com ESMTP Postfix", ehlo))

    assert honeypot is not None
    assert honeypot.is_sink
    assert old_postfix is not None
    assert not old_postfix.is_sink


def test_unknown() -> None:
    """What shows no mark is not guessed."""
    assert fingerprint(greeted("mx.example.com ESMTP")) is None
    assert fingerprint(()) is None


def test_marks_are_well_formed() -> None:
    """Each mark has a product and a place to look in."""
    assert all(mark.product and mark.patterns for mark in marks())

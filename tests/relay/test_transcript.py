"""Transcripts of all kinds, as exchanges."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.exchange import Exchange, Stage, Trouble, transcript
from bot.relay.transcript import TranscriptError, parse_transcript
from tests.transcripts.reading import load, names

TELNET = """\
$ telnet mx.example.com 25
Trying 192.0.2.25...
Connected to mx.example.com.
Escape character is '^]'.
220 mx.example.com ESMTP
ehlo me.example.net
250-mx.example.com
250 8BITMIME
vrfy root
252 try it
mail from:<a@me.example.net>
250 Ok
rcpt to:<b@outside.example>
554 Relay access denied
Connection closed by foreign host.
"""
OPENSSL = """\
CONNECTED(00000003)
depth=0 CN = mx.example.com
SSL handshake has read 2431 bytes and written 444 bytes
---
250 CHUNKING
EHLO me.example.net
250 mx.example.com
MAIL FROM:<a@me.example.net>
250 Ok
RCPT TO:<b@outside.example>
530 Authentication required
QUIT
221 Bye
closed
"""
OPENSSL_465 = """\
SSL handshake has read 2431 bytes and written 444 bytes
220 mx.example.com ESMTP
EHLO me.example.net
250 mx.example.com
"""
SWAKS = """\
=== Trying mx.example.com:25...
=== Connected to mx.example.com.
<-  220 mx.example.com ESMTP
 -> EHLO me.example.net
<-  250-mx.example.com
<-  250 STARTTLS
 -> STARTTLS
<-  220 go ahead
=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256
 ~> EHLO me.example.net
<~  250 mx.example.com
 ~> MAIL FROM:<a@me.example.net>
<~  250 Ok
 ~> RCPT TO:<b@outside.example>
<~* 550 relay not permitted
 ~> QUIT
<~  221 bye
=== Connection closed with remote host.
"""


def brief(exchanges: tuple[Exchange, ...]) -> list[str]:
    """Stage, code or trouble, and an s where it was encrypted."""
    return [
        f"{e.stage.value} {e.reply.code if e.reply else ''}{e.trouble or ''}".strip()
        + (" s" if e.tls else "")
        for e in exchanges
    ]


@pytest.mark.parametrize("name", names())
def test_what_we_write_we_read(name: str) -> None:
    """A conversation written as a transcript is read back as it was."""
    recorded = load(name)
    text = "\n".join(transcript(recorded.exchanges))

    implicit_tls = recorded.plan.tls.value == "implicit"

    assert recorded.exchanges == parse_transcript(text, implicit_tls=implicit_tls)


def test_telnet() -> None:
    """A telnet session: its own lines are passed over, and commands that prove nothing as well."""
    assert [
        "connect",
        "greeting 220",
        "ehlo 250",
        "mail 250",
        "rcpt 554",
    ] == brief(parse_transcript(TELNET))


def test_openssl() -> None:
    """No greeting is shown after the STARTTLS of openssl s_client: it begins encrypted."""
    assert [
        "connect s",
        "tls s",
        "ehlo 250 s",
        "mail 250 s",
        "rcpt 530 s",
        "quit 221 s",
    ] == brief(parse_transcript(OPENSSL))
    assert ["connect s", "tls s", "greeting 220 s", "ehlo 250 s"] == brief(
        parse_transcript(OPENSSL_465)
    )


def test_swaks() -> None:
    """Lines of swaks are marked, and TLS is told of."""
    assert [
        "connect",
        "greeting 220",
        "ehlo 250",
        "starttls 220",
        "tls s",
        "ehlo 250 s",
        "mail 250 s",
        "rcpt 550 s",
        "quit 221 s",
    ] == brief(parse_transcript(SWAKS))


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("telnet: Unable to connect to remote host: Connection refused", Trouble.REFUSED),
        ("telnet: connect to address 192.0.2.25: Connection timed out", Trouble.TIMEOUT),
        ("nc: connect to mx port 25 (tcp) failed: No route to host", Trouble.UNREACHABLE),
        ("connect: Network is unreachable", Trouble.UNREACHABLE),
    ],
)
def test_no_connection(line: str, trouble: Trouble) -> None:
    """What a tool says where it cannot connect is that trouble."""
    only = Exchange(stage=Stage.CONNECT, trouble=trouble, detail=line)
    assert (only,) == parse_transcript(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("220 mx\nMAIL FROM:<>\nConnection closed by foreign host.", "mail dropped"),
        ("220 mx\nMAIL FROM:<>", "mail dropped"),
        ("220 mx\nMAIL FROM:<>\n*: timeout at mail: after 15 s", "mail timeout"),
        ("220 mx\nEHLO a\n250 mx\n250 mx", "ehlo 250protocol_error"),
        ("220 mx\nEHLO a\n250 mx\n421 too many", "ehlo 250dropped"),
        ("220 mx\nEHLO a\n250 mx\n*: protocol_error at ehlo: octets", "ehlo 250protocol_error"),
        ("220 mx\nEHLO a\n250 mx\n220 mx", "greeting 220"),
        ("*: dropped at greeting", "greeting dropped"),
        ("*: refused at connect", "connect refused"),
        ("*: tls_failed at tls: wrong version number", "tls tls_failed"),
        ("220 mx\n*: what is this", "greeting 220"),
        ("220 mx\nS: what is this", "greeting 220"),
        ("220 mx\nVRFY root\n*: dropped at vrfy", "greeting 220"),
        ("220 mx\nC: CONNECT a\n250 ok", "greeting 220"),
        ("220 mx\nC: GREETING\n250 ok", "greeting 220"),
        ("220 mx\nC: TLS\n250 ok", "greeting 220"),
        ("220 mx\nC: END_OF_DATA\n250 ok", "greeting 220"),
        ("220 mx\nConnection closed by foreign host.", "greeting 220"),
        ("220 mx\nDATA\n354 go\nSubject: x\n250 no reply\n.\n550 no", "end_of_data 550"),
    ],
)
def test_last_line(text: str, expected: str) -> None:
    """Each way in which a transcript goes on, or ends, is read for what it is."""
    assert expected == brief(parse_transcript(text))[-1]


def test_batch() -> None:
    """Replies belong to the oldest command that has none, as in a batch (RFC 2920)."""
    said = "220 mx\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\nRSET\n250 a\n550 b\n250 c"

    assert ["mail 250", "rcpt 550", "rset 250"] == brief(parse_transcript(said))[2:]


def test_who_logs_in_is_no_stranger() -> None:
    """A transcript with a log-in says nothing about strangers."""
    with pytest.raises(TranscriptError, match="logs in"):
        parse_transcript("220 mx\nEHLO a\n250 mx\nAUTH LOGIN\n334 x")


@pytest.mark.parametrize("text", ["", "hello\nworld", "S: what", "C: CONNECT\nS: 250 ok"])
def test_no_session(text: str) -> None:
    """Text without a session is refused with what to paste instead."""
    with pytest.raises(TranscriptError, match="paste lines"):
        parse_transcript(text)


LINES = st.sampled_from(
    [
        *set(TELNET.splitlines() + OPENSSL.splitlines() + SWAKS.splitlines()),
        *(f"*: {t.value} at {s.value}" for t in Trouble for s in (Stage.TLS, Stage.RCPT)),
        *(f"C: {s.value.upper()}" for s in Stage),
        "354 go ahead",
        "DATA",
        ".",
    ]
)


@given(st.lists(LINES, max_size=20))
def test_any_lines(lines: list[str]) -> None:
    """For all lines in any order there are exchanges, or a sentence that says why not."""
    with suppress(TranscriptError):
        assert parse_transcript("\n".join(lines))

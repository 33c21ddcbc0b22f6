"""Reading sessions: how they began, whether they kept step, how they ended."""

from __future__ import annotations

import pytest

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.relay.session import Session, server_name_of, sessions


def said(stage: Stage, command: str | None, code: int, *lines: str, tls: bool = False) -> Exchange:
    """A command and its reply."""
    return Exchange(stage=stage, command=command, reply=Reply(code, lines or ("",)), tls=tls)


GREETING = said(Stage.GREETING, None, 220, "mx.example.com ESMTP")
EHLO = said(Stage.EHLO, "EHLO me.example.net", 250, "mx.example.com", "PIPELINING", "SIZE 1")
MAIL = said(Stage.MAIL, "MAIL FROM:<a@me.example.net>", 250)
RCPT = said(Stage.RCPT, "RCPT TO:<b@outside.example>", 550)
RSET = said(Stage.RSET, "RSET", 250)
QUIT = said(Stage.QUIT, "QUIT", 221)
TLS = Exchange(stage=Stage.TLS, tls=True)


def session(*exchanges: Exchange) -> Session:
    """A session that was connected."""
    return Session((Exchange(stage=Stage.CONNECT), *exchanges))


def test_sessions_begin_at_connect() -> None:
    """A conversation is split at each CONNECT; what stands before the first is kept."""
    connect = Exchange(stage=Stage.CONNECT)

    assert () == sessions(())
    assert (Session((GREETING,)),) == sessions((GREETING,))
    both = (connect, GREETING, connect, GREETING, EHLO)
    assert (Session(both[:2]), Session(both[2:])) == sessions(both)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mx.example.com ESMTP", "mx.example.com"),
        ("MX.Example.COM. ESMTP", "mx.example.com"),
        ("mx ESMTP", None),
        ("127.0.0.1 ready", None),
        ("<script>.example ready", None),
        ("", None),
    ],
)
def test_server_name(text: str, name: str | None) -> None:
    """A greeting's first word is the server's name if it is a host name."""
    assert name == session(said(Stage.GREETING, None, 220, text)).server_name
    assert session().server_name is None


def test_keywords_are_those_of_the_latest_ehlo() -> None:
    """EHLO keywords count until a TLS handshake, and then those of the EHLO after it."""
    encrypted = said(Stage.EHLO, "EHLO me", 250, "mx", "auth LOGIN", tls=True)
    clear = session(GREETING, EHLO)
    renewed = session(GREETING, EHLO, TLS, encrypted)

    assert {"PIPELINING", "SIZE"} == clear.keywords == clear.clear_keywords
    assert frozenset() == session(GREETING, EHLO, TLS).keywords
    assert {"AUTH"} == renewed.keywords
    assert {"PIPELINING", "SIZE"} == renewed.clear_keywords
    assert frozenset() == session(said(Stage.EHLO, "EHLO me", 550)).keywords
    assert frozenset() == Session((TLS,)).clear_keywords
    assert frozenset() == session(GREETING).keywords
    unanswered = Exchange(stage=Stage.EHLO, command="EHLO me", trouble=Trouble.TIMEOUT)
    assert frozenset() == session(GREETING, unanswered).keywords


def test_is_tls() -> None:
    """A session is encrypted if its latest exchange was."""
    assert session(GREETING, EHLO, TLS).is_tls
    assert not session(GREETING, EHLO).is_tls


def test_introduction() -> None:
    """The name that we gave is that of the latest EHLO or HELO."""
    assert session(GREETING).introduction is None
    assert "me.example.net" == session(GREETING, EHLO).introduction
    assert "you" == session(GREETING, EHLO, said(Stage.HELO, "HELO you", 250)).introduction


def test_since_hello() -> None:
    """A transaction that was begun before the latest EHLO is gone (RFC 5321 §4.1.4)."""
    assert () == session(GREETING).since_hello
    assert (MAIL,) == session(GREETING, EHLO, MAIL).since_hello
    assert () == session(GREETING, EHLO, MAIL, EHLO).since_hello


def test_in_transaction() -> None:
    """A transaction is open from an accepted MAIL to a RSET or an EHLO."""
    assert session(GREETING, EHLO, MAIL, RCPT).in_transaction
    assert not session(GREETING, EHLO, MAIL, RSET).in_transaction
    assert not session(GREETING, EHLO, MAIL, EHLO).in_transaction
    assert not session(GREETING, EHLO, said(Stage.MAIL, "MAIL FROM:<>", 530)).in_transaction


@pytest.mark.parametrize(
    "last",
    [
        said(Stage.STARTTLS, "STARTTLS", 454),
        Exchange(stage=Stage.STARTTLS, command="STARTTLS", trouble=Trouble.DROPPED),
        Exchange(stage=Stage.TLS, trouble=Trouble.TLS_FAILED),
    ],
)
def test_tls_failed(last: Exchange) -> None:
    """STARTTLS refused, not answered, or a broken handshake: it cannot be encrypted."""
    assert session(GREETING, EHLO, last).tls_failed
    assert not session(said(Stage.STARTTLS, "STARTTLS", 220), TLS).tls_failed


@pytest.mark.parametrize(
    ("exchanges", "over", "broke"),
    [
        ((GREETING, EHLO, MAIL), False, False),
        ((GREETING, EHLO, MAIL, RCPT, QUIT), True, False),
        ((GREETING, EHLO, said(Stage.MAIL, "MAIL FROM:<>", 421)), True, True),
        ((GREETING, Exchange(stage=Stage.EHLO, trouble=Trouble.TIMEOUT)), True, True),
        ((GREETING, EHLO, MAIL, RCPT, said(Stage.RSET, "RSET", 554)), True, True),
        ((GREETING, EHLO, MAIL, RCPT, said(Stage.QUIT, "QUIT", 250)), True, False),
        ((GREETING, EHLO, MAIL, RCPT, said(Stage.QUIT, "QUIT", 550)), True, True),
    ],
)
def test_end(exchanges: tuple[Exchange, ...], over: bool, broke: bool) -> None:
    """QUIT, trouble, a 421 or a reply out of step end a session; all but QUIT break it."""
    assert over == session(*exchanges).is_over
    assert broke == session(*exchanges).broke


def test_refusals_and_syntax_errors() -> None:
    """Refused commands are counted as servers count them; a refusing greeting is no command."""
    errors = (said(Stage.RCPT, "RCPT TO:<x>", 501), said(Stage.RCPT, "RCPT TO:<x>", 503))
    counted = session(said(Stage.GREETING, None, 554), MAIL, RCPT, *errors)

    assert 3 == counted.refusals
    assert 2 == counted.syntax_errors


def test_pairs() -> None:
    """Each MAIL goes with the RCPT of its transaction, and with none where there is none."""
    again = said(Stage.RCPT, "RCPT TO:<c@outside.example>", 550)

    pairs = session(GREETING, RCPT, MAIL, RCPT, again, RSET, MAIL, RSET, MAIL).pairs

    assert [(MAIL, RCPT), (MAIL, again), (MAIL, None), (MAIL, None)] == [
        (pair.mail, pair.rcpt) for pair in pairs
    ]


def test_server_name_of_a_conversation() -> None:
    """A server's name is the first that it greeted with, in whichever session."""
    assert "mx.example.com" == server_name_of((session(), session(GREETING)))
    assert server_name_of((session(),)) is None

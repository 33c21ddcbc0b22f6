"""Exchanges as evidence: which attempt they made, and what became of it."""

from __future__ import annotations

import pytest

from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.report import Outcome
from bot.relay.evidence import read
from tests.transcripts.reading import plan

CONNECT = Exchange(stage=Stage.CONNECT)
GREETING = Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx.example.com ESMTP",)))
US, POSTMASTER, NULL = "relaytest@probe.example.net", "postmaster@example.com", ""
OUTSIDE = "canary@outside.example"


def ehlo(name: str = "probe.example.net", *keywords: str, tls: bool = False) -> Exchange:
    """An EHLO that was answered."""
    reply = Reply(250, ("mx.example.com", *keywords))
    return Exchange(stage=Stage.EHLO, command=f"EHLO {name}", reply=reply, tls=tls)


def mail(path: str = US, code: int | None = 250, *, text: str = "", tls: bool = False) -> Exchange:
    """A MAIL and its reply; None: it was dropped."""
    return _said(Stage.MAIL, f"MAIL FROM:<{path}>", code, text, tls=tls)


def rcpt(
    path: str = OUTSIDE, code: int | None = 550, *, text: str = "", tls: bool = False
) -> Exchange:
    """A RCPT and its reply; None: it was dropped."""
    return _said(Stage.RCPT, f"RCPT TO:<{path}>", code, text, tls=tls)


def _said(stage: Stage, command: str, code: int | None, text: str, *, tls: bool) -> Exchange:
    if code is None:
        return Exchange(stage=stage, command=command, trouble=Trouble.DROPPED, tls=tls)
    return Exchange(stage=stage, command=command, reply=Reply(code, (text,)), tls=tls)


RSET = Exchange(stage=Stage.RSET, command="RSET", reply=Reply(250))


def outcomes(*exchanges: Exchange, variants: bool = False) -> dict[str, list[str]]:
    """What became of each try of each attempt, in sessions that begin at each CONNECT."""
    record = read(plan(variants=variants), exchanges)
    return {kind: [asked.outcome.value for asked in tries] for kind, tries in record.tries.items()}


def test_matched_by_commands() -> None:
    """An attempt is known by its two commands, in whatever order they were given."""
    said = (CONNECT, GREETING, ehlo(), mail(NULL), rcpt(), RSET, mail(), rcpt(POSTMASTER, 250))

    assert {"null": ["rejected"], "control": ["accepted"]} == outcomes(*said)


def test_typed_by_hand() -> None:
    """Who types by hand writes commands in other cases and with other spaces."""
    typed = Exchange(stage=Stage.MAIL, command=f"mail from: <{US.upper()}>", reply=Reply(250))
    asked = Exchange(stage=Stage.RCPT, command=f"rcpt to: <{OUTSIDE}>", reply=Reply(250))

    assert {"foreign": ["accepted"]} == outcomes(CONNECT, GREETING, ehlo(), typed, asked)


def test_what_was_not_planned_is_no_evidence() -> None:
    """A pair of other paths proves nothing."""
    said = (
        CONNECT,
        GREETING,
        ehlo(),
        mail("a@b.example"),
        rcpt(),
        RSET,
        mail(),
        rcpt("x@y.example"),
    )

    assert {} == outcomes(*said)


def test_mail_alone_is_the_first_attempt_that_was_due() -> None:
    """A refused MAIL without a RCPT is the next attempt with that reverse-path."""
    said = (CONNECT, GREETING, ehlo(), mail(code=530), mail(code=530), mail(code=530))

    assert {
        "control": ["auth_required"],
        "foreign": ["auth_required"],
        "any_domain": ["auth_required"],
    } == outcomes(*said)
    assert 2 == len(outcomes(*said, mail(code=530))["any_domain"])


def test_accepted_mail_alone_is_no_evidence() -> None:
    """A MAIL that was accepted, and whose RCPT is still to come, says nothing yet."""
    assert {} == outcomes(CONNECT, GREETING, ehlo(), mail())


@pytest.mark.parametrize(
    ("on_mail", "on_rcpt", "outcome"),
    [
        (mail(), rcpt(code=250), "accepted"),
        (mail(), rcpt(text="relay denied"), "relay_denied"),
        (mail(code=550), rcpt(code=503), "rejected"),
        (mail(code=550), rcpt(code=250), "rejected"),
        (mail(code=550), rcpt(text="relay denied"), "relay_denied"),
        (mail(code=450), rcpt(code=530), "auth_required"),
        (mail(code=None), rcpt(code=None), "dropped"),
        (mail(), rcpt(code=None), "dropped"),
        (mail(code=None), rcpt(text="relay denied"), "relay_denied"),
    ],
)
def test_rcpt_counts_where_mail_was_accepted(
    on_mail: Exchange, on_rcpt: Exchange, outcome: str
) -> None:
    """RCPT's reply counts if MAIL was accepted, or if it speaks of relaying or a log-in itself."""
    assert {"foreign": [outcome]} == outcomes(CONNECT, GREETING, ehlo(), on_mail, on_rcpt)


def test_a_session_out_of_step_proves_nothing() -> None:
    """A shift voids every answer of its session, the earlier ones as well."""
    shifted = Exchange(stage=Stage.RSET, command="RSET", reply=Reply(554, ("relay denied",)))

    said = (CONNECT, GREETING, ehlo(), mail(), rcpt(code=250), shifted)

    assert {"foreign": ["protocol_error"]} == outcomes(*said)
    again = (CONNECT, GREETING, ehlo(), mail(), rcpt(text="relay denied"))
    assert {"foreign": ["protocol_error", "relay_denied"]} == outcomes(*said, *again)


def test_tls_demanded_under_tls() -> None:
    """In an encrypted session 530 means a log-in, and any other demand for TLS is broken."""
    text = "Must issue a STARTTLS command first"
    tls = Exchange(stage=Stage.TLS, tls=True)
    demand = (CONNECT, GREETING, ehlo(), mail(code=530, text=text), tls, ehlo(tls=True))

    assert ["tls_required", "auth_required"] == outcomes(
        *demand, mail(code=530, text=text, tls=True)
    )["control"]
    assert ["tls_required", "tls_failed"] == outcomes(*demand, mail(code=550, text=text, tls=True))[
        "control"
    ]


def test_openings() -> None:
    """The same pair is another attempt after an unforced STARTTLS, and under the server's name."""
    tls = Exchange(stage=Stage.TLS, tls=True)
    pair = (mail(), rcpt(code=250))
    under_tls = (mail(tls=True), rcpt(code=250, tls=True))

    assert {"foreign"} == set(outcomes(CONNECT, GREETING, ehlo(), *pair, variants=True))
    as_server = outcomes(CONNECT, GREETING, ehlo("mx.example.com"), *pair, variants=True)
    assert {"variant:helo-own"} == set(as_server)
    unforced = outcomes(CONNECT, GREETING, ehlo(), tls, ehlo(tls=True), *under_tls, variants=True)
    assert {"variant:starttls"} == set(unforced)


def test_implicit_tls_is_plain() -> None:
    """On port 465 every attempt is encrypted, and none is another for that."""
    under_tls = (ehlo(tls=True), mail(tls=True), rcpt(code=250, tls=True))

    record = read(plan(tls=TlsMode.IMPLICIT, variants=True), (CONNECT, GREETING, *under_tls))

    assert ["foreign"] == list(record.tries)


@pytest.mark.parametrize(
    ("exchanges", "settled"),
    [
        ((mail(), rcpt(POSTMASTER, 250)), True),
        ((mail(), rcpt(POSTMASTER, 450)), True),
        ((mail(), rcpt(POSTMASTER, 421)), True),
        ((mail(NULL), rcpt(), RSET, mail(), rcpt(POSTMASTER, 421)), False),
        ((mail(NULL), rcpt(), RSET, mail(), rcpt(POSTMASTER, None)), False),
        ((mail(code=530, text="Must issue a STARTTLS command first"),), False),
        (
            (
                mail(code=530, text="Must issue a STARTTLS command first"),
                Exchange(stage=Stage.TLS, trouble=Trouble.TLS_FAILED),
            ),
            True,
        ),
        (
            (
                *(mail(NULL), rcpt(), RSET, mail(), rcpt(POSTMASTER, None)),
                *(CONNECT, GREETING, ehlo(), mail(NULL), rcpt(), RSET),
                *(mail(), rcpt(POSTMASTER, None)),
            ),
            True,
        ),
    ],
)
def test_settled(exchanges: tuple[Exchange, ...], settled: bool) -> None:
    """An attempt is settled by an answer, by a second failure, or where trying again is no use."""
    record = read(plan(), (CONNECT, GREETING, ehlo(), *exchanges))

    assert settled == record.is_settled(record.transactions[0])


def test_record() -> None:
    """A record knows the server's name, whether TLS was demanded or failed, and barren sessions."""
    demand = (mail(code=530, text="STARTTLS required"),)
    failed = Exchange(stage=Stage.TLS, trouble=Trouble.TLS_FAILED)
    record = read(
        plan(),
        (
            *(CONNECT, GREETING, ehlo("probe.example.net", "PIPELINING"), *demand, failed),
            *(CONNECT, GREETING, ehlo("probe.example.net", "PIPELINING"), mail(), rcpt(code=None)),
            *(CONNECT, GREETING, ehlo("probe.example.net", "PIPELINING")),
        ),
    )

    assert "mx.example.com" == record.server_name
    assert record.tls_demanded
    assert record.tls_failed
    assert {Outcome.TLS_REQUIRED} == record.outcomes("control")
    assert set() == record.outcomes("null")
    assert (False, True, False) == record.pipelined
    assert [False, True] == [record.is_barren(0), record.is_barren(1)]


def test_attempt() -> None:
    """A try is shown as an attempt of the report, with the reply that decided it."""
    record = read(plan(), (CONNECT, GREETING, ehlo(), mail(), rcpt(text="relay denied")))

    attempt = record.tries["foreign"][0].attempt

    assert ("foreign", US, OUTSIDE) == (attempt.kind, attempt.reverse_path, attempt.forward_path)
    assert (Stage.RCPT, 550) == (attempt.stage, attempt.reply.code if attempt.reply else None)
    assert not attempt.tls

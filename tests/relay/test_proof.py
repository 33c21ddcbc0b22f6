"""Proof by delivery: what is repeated, what is sent, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.exchange import Exchange, Reply, Stage, TlsMode, Trouble
from bot.model.finding import Tag
from bot.model.proof import TOKEN_HEADER, Arrival, Proof
from bot.model.report import Attempt, EndpointReport, Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay.attempts import Opening, Transaction
from bot.relay.dialogue import Connect, Send, SendMessage, StartTls, Step
from bot.relay.proof import (
    MAX_PROOFS,
    attempt_of,
    find_transaction,
    message,
    next_proof_step,
    to_prove,
    token,
    was_taken,
    with_arrivals,
)
from bot.relay.verdict import judge
from tests import probe

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
PLAN = replace(probe.PLAN, variants=True)
FOREIGN = Transaction(
    kind="foreign",
    reverse_path="probe@probe.example.net",
    forward_path="canary@canary.example.org",
)
LINES = ("Subject: x", "", "hello")


def accepted(kind: str, *, tls: bool = False) -> Attempt:
    """Give an attempt that was accepted."""
    return Attempt(
        kind=kind,
        reverse_path="probe@probe.example.net",
        forward_path="canary@canary.example.org",
        tls=tls,
        stage=Stage.RCPT,
        reply=Reply(250, ("2.1.5 Ok",)),
        outcome=Outcome.ACCEPTED,
    )


def endpoint(*attempts: Attempt) -> EndpointReport:
    """Give an endpoint with these attempts."""
    return EndpointReport(port=25, tls=TlsMode.NONE, attempts=attempts)


def said(stage: Stage, code: int, text: str = "Ok", *, tls: bool = False) -> Exchange:
    """Give one exchange."""
    command = None if stage in (Stage.GREETING, Stage.CONNECT) else stage.value.upper()
    return Exchange(stage=stage, command=command, reply=Reply(code, (text,)), tls=tls)


CONNECT = Exchange(stage=Stage.CONNECT)
TO_DATA = (
    CONNECT,
    said(Stage.GREETING, 220),
    said(Stage.EHLO, 250),
    said(Stage.MAIL, 250),
    said(Stage.RCPT, 250),
    said(Stage.DATA, 354),
)


def test_the_foreign_attempt_goes_first_and_the_own_domain_last() -> None:
    """In the contract's order, since bounces of the last go to the target's postmaster."""
    kinds = ["control", "own_domain", "variant:percent", "null", "foreign", "any_domain"]
    chosen = to_prove(PLAN, endpoint(*map(accepted, kinds)))

    assert [attempt.kind for attempt in chosen] == [
        "foreign",
        "null",
        "variant:percent",
        "own_domain",
    ]


def test_only_what_was_accepted_is_proved() -> None:
    """A refusal is not argued with, and what is no attempt of the plan is passed over."""
    refused = replace(accepted("foreign"), outcome=Outcome.RELAY_DENIED)

    assert to_prove(PLAN, endpoint(refused, accepted("variant:of another version"))) == ()


def test_no_more_than_eight() -> None:
    """A server that accepts everything gets eight messages, not forty."""
    forms = ("percent", "quoted", "bang", "double-at", "trailing-at", "percent-ip", "bang-ip")
    kinds = ["foreign", "null", *(f"variant:{form}" for form in forms), "own_domain"]

    assert len(to_prove(PLAN, endpoint(*map(accepted, kinds)))) == MAX_PROOFS


def test_the_message_says_what_it_is() -> None:
    """Who finds it in a queue learns who sent it and why, and no responder answers it."""
    lines = message(PLAN, accepted("foreign"), "n0nce-foreign", NOW)
    header = lines[: lines.index("")]

    assert f"{TOKEN_HEADER}: n0nce-foreign" in header
    assert "Auto-Submitted: auto-generated" in header
    assert "Date: Tue, 24 Nov 2026 12:03:00 +0000" in header
    assert "Message-ID: <n0nce-foreign@probe.example.net>" in header
    body = "\n".join(lines[len(header) :])
    for word in ("mx.example.com", "192.0.2.25", "example.com", "probe@probe.example.net"):
        assert word in body
    assert all(len(line) < 78 and line.isascii() for line in lines)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("foreign", "n-foreign"), ("own_domain", "n-own-domain"), ("variant:bang", "n-variant-bang")],
)
def test_a_token_is_the_nonce_and_the_kind(kind: str, expected: str) -> None:
    """It is a word that any server passes on unchanged."""
    assert token("n", kind) == expected


@pytest.mark.parametrize(
    ("exchanges", "tls", "step"),
    [
        ((), False, Connect(implicit_tls=False)),
        (TO_DATA[:2], False, Send(("EHLO probe.example.net",))),
        ((CONNECT, said(Stage.GREETING, 554)), False, Send(("QUIT",))),
        (
            (*TO_DATA[:2], said(Stage.EHLO, 502)),
            False,
            Send(("HELO probe.example.net",)),
        ),
        ((*TO_DATA[:2], said(Stage.HELO, 550)), False, Send(("QUIT",))),
        (TO_DATA[:3], False, Send(("MAIL FROM:<probe@probe.example.net>",))),
        (TO_DATA[:3], True, StartTls()),
        (
            (*TO_DATA[:3], said(Stage.STARTTLS, 220), Exchange(stage=Stage.TLS, tls=True)),
            True,
            Send(("EHLO probe.example.net",)),
        ),
        ((*TO_DATA[:3], said(Stage.STARTTLS, 454)), True, Send(("QUIT",))),
        (TO_DATA[:4], False, Send(("RCPT TO:<canary@canary.example.org>",))),
        ((*TO_DATA[:4], said(Stage.RCPT, 554)), False, Send(("QUIT",))),
        (TO_DATA[:5], False, Send(("DATA",))),
        (TO_DATA, False, SendMessage(LINES)),
        ((*TO_DATA[:5], said(Stage.DATA, 554)), False, Send(("QUIT",))),
        ((*TO_DATA, said(Stage.END_OF_DATA, 250)), False, Send(("QUIT",))),
        ((*TO_DATA, said(Stage.END_OF_DATA, 250), said(Stage.QUIT, 221)), False, None),
        ((Exchange(stage=Stage.CONNECT, trouble=Trouble.REFUSED),), False, None),
    ],
)
def test_a_message_is_handed_over_step_by_step(
    exchanges: tuple[Exchange, ...], tls: bool, step: Step | None
) -> None:
    """Each step needs the one before it; whatever is refused ends in QUIT."""
    assert step == next_proof_step(PLAN, FOREIGN, LINES, exchanges, tls=tls)


def test_a_form_under_the_server_s_own_name_says_it_again() -> None:
    """What was accepted in that kind of session is repeated in it."""
    greeted = (CONNECT, said(Stage.GREETING, 220, "relay.example.com ESMTP"))
    as_server = replace(FOREIGN, kind="variant:helo-own", opening=Opening.AS_SERVER)

    step = next_proof_step(PLAN, as_server, LINES, greeted, tls=False)

    assert step == Send(("EHLO relay.example.com",))


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (said(Stage.END_OF_DATA, 250, "2.0.0 queued"), Outcome.MESSAGE_ACCEPTED),
        (said(Stage.END_OF_DATA, 550, "5.7.1 no"), Outcome.MESSAGE_REJECTED),
        (said(Stage.DATA, 554, "5.5.1 no valid recipients"), Outcome.MESSAGE_REJECTED),
        (said(Stage.DATA, 454, "4.7.1 Relay access denied"), Outcome.MESSAGE_REJECTED),
        (said(Stage.END_OF_DATA, 451, "4.3.0 try again later"), Outcome.GREYLISTED),
        (said(Stage.RCPT, 554, "5.7.1 Relay access denied"), Outcome.RELAY_DENIED),
        (Exchange(stage=Stage.END_OF_DATA, trouble=Trouble.DROPPED), Outcome.DROPPED),
    ],
)
def test_what_an_answer_means(end: Exchange, outcome: Outcome) -> None:
    """Taken is not delivered, later is not refused, and silence is neither."""
    proof = Proof(
        kind="foreign", token="n-foreign", exchanges=(*TO_DATA, end, said(Stage.QUIT, 221))
    )
    attempt = attempt_of(proof, FOREIGN)

    assert attempt is not None
    assert attempt.outcome is outcome
    assert attempt.kind == "proof:foreign"
    assert was_taken(proof) is (outcome is Outcome.MESSAGE_ACCEPTED)


def test_nothing_said_is_no_attempt() -> None:
    """A proof that was never handed over has no outcome."""
    assert attempt_of(Proof(kind="foreign", token="n-foreign"), FOREIGN) is None


def arrival(name: str, *, is_bounce: bool = False) -> Arrival:
    """Give an arrival at the canary."""
    return Arrival(token=name, at=NOW, is_bounce=is_bounce, peer="192.0.2.25")


def relaying(*texts: tuple[str, int]) -> tuple[Exchange, ...]:
    """Give a conversation in which the foreign attempt is accepted and the others are refused."""
    lines = [
        CONNECT,
        Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx.example.com ESMTP",))),
        Exchange(
            stage=Stage.EHLO, command="EHLO probe.example.net", reply=Reply(250, ("mx", "SIZE"))
        ),
    ]
    for command, code in texts:
        stage = Stage(command.partition(" ")[0].lower())
        lines.append(Exchange(stage=stage, command=command, reply=Reply(code, ("2.0.0 Ok",))))
    return tuple(lines)


OPEN_TALK = relaying(
    ("MAIL FROM:<probe@probe.example.net>", 250),
    ("RCPT TO:<canary@canary.example.org>", 250),
    ("QUIT", 221),
)


@pytest.mark.parametrize(
    ("ends", "arrivals", "verdict", "reason"),
    [
        ((250,), (arrival("n-0"),), Verdict.OPEN, Reason.DELIVERED),
        ((250, 550), (arrival("n-0"),), Verdict.OPEN, Reason.DELIVERED),
        ((250,), (), Verdict.INCONCLUSIVE, Reason.ACCEPTED_NOT_DELIVERED),
        (
            (250,),
            (arrival("n-0", is_bounce=True),),
            Verdict.INCONCLUSIVE,
            Reason.ACCEPTED_NOT_DELIVERED,
        ),
        ((550, 250), (), Verdict.INCONCLUSIVE, Reason.ACCEPTED_NOT_DELIVERED),
        ((550, 554), (), Verdict.CLOSED, Reason.REJECTED_AFTER_DATA),
        ((550, 451), (), Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED),
        ((), (), Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED),
    ],
)
def test_the_verdict_with_proof(
    ends: tuple[int, ...], arrivals: tuple[Arrival, ...], verdict: Verdict, reason: Reason
) -> None:
    """Rules 1 and 2 of the contract come first; what proves nothing changes nothing."""
    proofs = tuple(
        Proof(
            kind=kind,
            token=f"n-{number}",
            exchanges=(*TO_DATA, said(Stage.END_OF_DATA, code, "Ok")),
        )
        for number, (kind, code) in enumerate(zip(("foreign", "null"), ends, strict=False))
    )
    judged = judge(PLAN, OPEN_TALK, with_arrivals(proofs, arrivals))

    assert judged.judgement == Judgement(verdict, reason)
    assert [a.kind for a in judged.attempts if a.kind.startswith("proof:")] == [
        f"proof:{proof.kind}" for proof in proofs
    ]
    assert (Tag.OPEN_RELAY_PROVED in {f.tag for f in judged.findings}) is (verdict is Verdict.OPEN)


def test_a_proof_of_another_version_is_passed_over() -> None:
    """A stored report may hold forms that today's plan does not know."""
    unknown = Proof(kind="variant:gone", token="n-gone", exchanges=TO_DATA)
    judged = judge(PLAN, OPEN_TALK, (unknown,))

    assert judged.judgement == Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)


def test_bounces_are_told_apart() -> None:
    """A proof knows its delivery and its bounce."""
    proof = Proof(kind="foreign", token="n-f", arrivals=(arrival("n-f", is_bounce=True),))
    assert proof.bounced
    assert proof.delivery is None

    both = replace(proof, arrivals=(*proof.arrivals, arrival("n-f")))
    assert both.delivery == arrival("n-f")


def test_a_bounce_is_said() -> None:
    """Word that the message was not passed on is a finding, beside the verdict."""
    proof = Proof(
        kind="foreign",
        token="n-foreign",
        exchanges=(*TO_DATA, said(Stage.END_OF_DATA, 250)),
        arrivals=(arrival("n-foreign", is_bounce=True),),
    )
    judged = judge(PLAN, OPEN_TALK, (proof,))

    assert Tag.PROOF_BOUNCED in {finding.tag for finding in judged.findings}
    assert proof.lines == ("*: a bounce came back, brought by 192.0.2.25",)


def test_the_path_of_a_message_is_evidence() -> None:
    """Who brought it and which servers passed it on can be read like a transcript."""
    came = replace(arrival("n-foreign"), received=("from mx.example.com by canary",))
    proof = Proof(kind="foreign", token="n-foreign", arrivals=(came,))

    assert proof.lines == (
        "*: the message arrived, brought by 192.0.2.25",
        "Received: from mx.example.com by canary",
    )


def test_a_transaction_is_found_by_its_kind() -> None:
    """The commands that were accepted are said again to the letter."""
    found = find_transaction(PLAN, endpoint(accepted("variant:percent")), "variant:percent")

    assert found.kind == "variant:percent"
    assert "%canary.example.org@example.com" in found.rcpt

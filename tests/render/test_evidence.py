"""What is shown for a verdict is what carried it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.model.finding import Finding, Tag
from bot.model.proof import Arrival, Proof
from bot.model.report import AddressReport, Attempt, EndpointReport, MxReport, Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.evidence import (
    deciding_attempt,
    decisive_lines,
    gist,
    places,
    quoted,
    sentence,
    step,
    worst_place,
)
from tests.render import samples


def endpoint_of(reason: Reason, verdict: Verdict, *attempts: Attempt) -> EndpointReport:
    """Return an endpoint with this verdict and these attempts."""
    made = samples.endpoint("mx.example", ())
    return replace(made, judgement=Judgement(verdict, reason), attempts=attempts)


def attempt(kind: str, outcome: Outcome, text: str = "x", stage: Stage = Stage.RCPT) -> Attempt:
    """Return an attempt that was answered."""
    return Attempt(
        kind=kind,
        reverse_path="a@probe.example",
        forward_path="b@probe.example",
        tls=False,
        stage=stage,
        reply=Reply(250 if outcome is Outcome.ACCEPTED else 550, (text,)),
        outcome=outcome,
    )


CONTROL = attempt("control", Outcome.ACCEPTED)
FOREIGN = attempt("foreign", Outcome.ACCEPTED)
NULL = attempt("null", Outcome.ACCEPTED)
DENIED = attempt("foreign", Outcome.RELAY_DENIED)
REJECTED = attempt("foreign", Outcome.REJECTED)
FORM = attempt("variant:percent", Outcome.ACCEPTED)
PROOF = attempt("proof:foreign", Outcome.MESSAGE_REJECTED)
GREY = attempt("control", Outcome.GREYLISTED)


@pytest.mark.parametrize(
    ("verdict", "reason", "attempts", "decided"),
    [
        (Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED, (CONTROL, NULL, FOREIGN), FOREIGN),
        (Verdict.LIKELY_OPEN, Reason.NULL_ACCEPTED, (CONTROL, DENIED, NULL), NULL),
        (Verdict.LIKELY_OPEN, Reason.VARIANT_ACCEPTED, (CONTROL, DENIED, FORM), FORM),
        (Verdict.INCONCLUSIVE, Reason.POSSIBLE_BYPASS, (CONTROL, DENIED, FORM), FORM),
        (Verdict.INCONCLUSIVE, Reason.MAIL_SINK, (CONTROL, FOREIGN), FOREIGN),
        (Verdict.INCONCLUSIVE, Reason.GREYLISTED, (GREY, REJECTED), GREY),
        (Verdict.CLOSED, Reason.REJECTED_AFTER_DATA, (CONTROL, FOREIGN, PROOF), PROOF),
        (Verdict.CLOSED, Reason.RELAY_DENIED, (CONTROL, DENIED), DENIED),
        (Verdict.CLOSED, Reason.RECIPIENT_REJECTED, (CONTROL, REJECTED), REJECTED),
        (Verdict.INCONCLUSIVE, Reason.TIMEOUT, (CONTROL,), None),
        (Verdict.INCONCLUSIVE, Reason.TIMEOUT, (), None),
    ],
)
def test_deciding_attempt(
    verdict: Verdict, reason: Reason, attempts: tuple[Attempt, ...], decided: Attempt | None
) -> None:
    """Each reason rests on the attempt that the contract's rule names."""
    assert decided == deciding_attempt(endpoint_of(reason, verdict, *attempts))


def test_nothing_decided_yet() -> None:
    """An endpoint that is being asked has no deciding attempt."""
    assert deciding_attempt(replace(samples.endpoint("mx.example", ()), judgement=None)) is None


def test_places_are_the_worst_first() -> None:
    """Of several endpoints the open one comes first; those being asked are left out."""
    closed = endpoint_of(Reason.RELAY_DENIED, Verdict.CLOSED, DENIED)
    ajar = endpoint_of(Reason.FOREIGN_ACCEPTED, Verdict.LIKELY_OPEN, FOREIGN)
    asked = replace(closed, judgement=None)
    mx = samples.host(
        "mx.example",
        samples.address("192.0.2.1", closed, asked),
        samples.address("2001:db8::1", ajar),
    )

    assert ["[2001:db8::1]:25", "192.0.2.1:25"] == [place.at for place in places(mx)]
    assert worst_place(samples.host("mx.example")) is None


def test_replies_on_one_line() -> None:
    """A reply is quoted with its codes; its gist leaves out the addresses that it echoes."""
    reply = Reply(554, ("5.7.1 <a@b.example>: Relay access", "5.7.1 denied"))

    assert "554 5.7.1 <a@b.example>: Relay access denied" == quoted(reply)
    assert "554 5.7.1 Relay access denied" == gist(reply)
    assert "550 5.7.1 Relaying denied" == gist(Reply(550, ("5.7.1 <a@b>... Relaying denied",)))
    assert "" == quoted(None)


def test_steps_in_words() -> None:
    """A step that is no command is said in words."""
    assert ("the greeting", "RCPT") == (step(Stage.GREETING), step(Stage.RCPT))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("open_postfix", 'accepted a stranger\'s mail to a stranger with "250 2.1.5 Ok"'),
        ("own_domain_exim", 'claims to be postmaster@example.com ("250 Accepted")'),
        ("silent", "192.0.2.25 did not answer in time, at the connection."),
        ("greylisted", "192.0.2.25 puts strangers off at first"),
    ],
)
def test_sentence(name: str, said: str) -> None:
    """The sentence names the address, and the reply or the step that decided."""
    report = samples.REPORTS[name]()

    assert said in sentence(report, report.mx[0])


def test_sentence_as_mrkdwn() -> None:
    """Read as mrkdwn, what the server said stands in a code span."""
    report = samples.closed()

    assert "`454 4.7.1 &lt;canary@" in sentence(report, report.mx[0], as_mrkdwn=True)


def test_sentence_of_a_host_that_is_asked() -> None:
    """There is nothing to say of a host before its verdict."""
    progress = samples.running()

    assert "" == sentence(progress.report, progress.report.mx[0])


def test_sentence_without_any_address() -> None:
    """A host that could not be asked at all is told by its name."""
    mx = MxReport(
        preference=10,
        host="mx.example",
        resolved=True,
        skipped=Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE),
    )

    assert sentence(samples.finished(mx), mx).startswith("The MX record names mx.example,")


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        (
            (Finding(Tag.ADDRESS_FORBIDDEN, {"ip": "10.0.0.1", "class": "private (RFC 1918)"}),),
            "10.0.0.1 is private (RFC 1918); relaycheck never connects there.",
        ),
        ((), "10.0.0.1 is an address of special use; relaycheck never connects there."),
    ],
)
def test_a_forbidden_address_is_named(findings: tuple[Finding, ...], said: str) -> None:
    """The address that was not contacted is named with its class, not another of the host."""
    forbidden = Judgement(Verdict.NOT_PROBED, Reason.ADDRESS_FORBIDDEN)
    closed = endpoint_of(Reason.RELAY_DENIED, Verdict.CLOSED, DENIED)
    mx = samples.host(
        "mx.example",
        samples.address("192.0.2.1", closed),
        AddressReport(ip="10.0.0.1", skipped=forbidden, findings=findings),
    )

    assert said == sentence(samples.finished(mx), mx)


def test_a_reply_without_an_attempt() -> None:
    """Where no attempt was made the last refusal of the conversation is quoted."""
    said = (
        Exchange(stage=Stage.CONNECT),
        Exchange(stage=Stage.GREETING, reply=Reply(554, ("No SMTP service here",))),
    )
    blocked = replace(
        samples.endpoint("mx.example", said),
        judgement=Judgement(Verdict.INCONCLUSIVE, Reason.CLIENT_BLOCKED),
        attempts=(),
        mta=None,
    )
    mx = samples.host("mx.example", samples.address("192.0.2.1", blocked))

    assert '"554 No SMTP service here"' in sentence(samples.finished(mx), mx)


def test_evidence_is_the_deciding_transaction() -> None:
    """Greeting and deciding transaction are shown, what stands between is a gap."""
    endpoint = samples.closed().mx[0].addresses[0].endpoints[0]

    assert (
        "S: 220 mx1.example.com ESMTP Postfix",
        "…",
        "C: MAIL FROM:<probe@probe.example.net>",
        "S: 250 2.1.0 Ok",
        "C: RCPT TO:<canary@probe.example.net>",
        "S: 454 4.7.1 <canary@probe.example.net>: Relay access denied",
        "…",
    ) == decisive_lines(endpoint)


def test_evidence_of_a_refused_sender() -> None:
    """Where MAIL decided, its exchange is the evidence."""
    mail = "MAIL FROM:<a@probe.example>"
    said = (
        Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx",))),
        Exchange(stage=Stage.MAIL, command=mail, reply=Reply(550, ("x",))),
    )
    refused = attempt("foreign", Outcome.SENDER_REJECTED, stage=Stage.MAIL)
    made = endpoint_of(Reason.SENDER_REJECTED, Verdict.INCONCLUSIVE, refused)

    assert ("S: 220 mx", f"C: {mail}", "S: 550 x") == decisive_lines(replace(made, exchanges=said))


def test_evidence_of_a_long_ehlo() -> None:
    """Where EHLO decided, its long reply is shown by its first lines and its last."""
    reply = Reply(550, ("one", "two", "three", "four", "five", "six"))
    said = (Exchange(stage=Stage.EHLO, command="EHLO x", reply=reply),)
    refused = attempt("foreign", Outcome.CLIENT_BLOCKED, stage=Stage.EHLO)
    made = endpoint_of(Reason.CLIENT_BLOCKED, Verdict.INCONCLUSIVE, refused)

    assert ("C: EHLO x", "S: 550-one", "S: 550-two", "S: 550-three", "…", "S: 550 six") == (
        decisive_lines(replace(made, exchanges=said))
    )


def test_evidence_of_silence() -> None:
    """A trouble is evidence, with its step."""
    said = (Exchange(stage=Stage.CONNECT, trouble=Trouble.TIMEOUT, detail="10 s"),)
    made = endpoint_of(Reason.TIMEOUT, Verdict.INCONCLUSIVE)

    assert ("*: timeout at connect: 10 s",) == decisive_lines(replace(made, exchanges=said))


def test_evidence_without_the_conversation() -> None:
    """A report that kept only its attempts shows the deciding one."""
    made = endpoint_of(Reason.RELAY_DENIED, Verdict.CLOSED, DENIED)

    assert (
        "C: MAIL FROM:<a@probe.example>",
        "C: RCPT TO:<b@probe.example>",
        "S: 550 x",
    ) == decisive_lines(replace(made, exchanges=()))
    assert () == decisive_lines(endpoint_of(Reason.TIMEOUT, Verdict.INCONCLUSIVE))


@pytest.mark.parametrize(("age_s", "minutes"), [(1, 1), (60, 1), (61, 2), (900, 15)])
def test_evidence_of_a_reused_answer(age_s: int, minutes: int) -> None:
    """What another check was told is shown as that, and how long ago it was."""
    said = (Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx",))),)
    made = endpoint_of(Reason.RELAY_DENIED, Verdict.CLOSED, DENIED)

    assert (
        f"*: asked {minutes} min ago, in another check",
        "C: MAIL FROM:<a@probe.example>",
        "C: RCPT TO:<b@probe.example>",
        "S: 550 x",
    ) == decisive_lines(replace(made, exchanges=said, age_s=age_s))


def test_evidence_of_a_delivery() -> None:
    """The path of the message that arrived stands at the end; a bounce only where none did."""
    at = datetime(2026, 11, 24, tzinfo=UTC)
    bounce = Arrival(token="n-a", at=at, is_bounce=True, peer="192.0.2.1")
    arrived = replace(bounce, is_bounce=False, received=("from mx\x1b by canary",))
    made = endpoint_of(Reason.DELIVERED, Verdict.OPEN, FOREIGN)
    proofs = [Proof(kind="null", token="n-a", arrivals=(bounce,))]

    silent = replace(made, exchanges=(Exchange(stage=Stage.QUIT),), proofs=tuple(proofs))
    assert ("*: a bounce came back, brought by 192.0.2.1",) == decisive_lines(silent)[-1:]

    proofs.append(Proof(kind="foreign", token="n-b", arrivals=(arrived,)))
    lines = decisive_lines(replace(silent, proofs=tuple(proofs)))
    assert lines[-2] == "*: the message arrived, brought by 192.0.2.1"
    assert lines[-1].startswith("Received: from mx")
    assert "\x1b" not in lines[-1]


def test_a_transcript_need_not_name_the_address() -> None:
    """Then the host's name stands for it, and the place is the port."""
    report = samples.open_postfix()
    (address,) = report.mx[0].addresses
    mx = replace(report.mx[0], addresses=(replace(address, ip=""),))
    place = worst_place(mx)

    assert place is not None
    assert "port 25" == place.at
    assert sentence(report, mx).startswith("mx2.example.com accepted a stranger's mail")

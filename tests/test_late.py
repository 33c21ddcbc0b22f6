"""What arrives after the report corrects it, for a day."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

from bot.late import corrections, expect_again, is_unsettled
from bot.model.exchange import Exchange, Reply, Stage
from bot.model.proof import TOKEN_HEADER, Proof
from bot.model.report import AddressReport, MailService, MxReport, Report
from bot.model.verdict import Judgement, Reason, Verdict
from bot.network.canary import Canary
from bot.relay.proof import with_arrivals
from bot.relay.verdict import judge
from bot.render.report_json import to_json
from bot.render.stored_report import from_json
from bot.replay import judge_report
from tests.probe import PLAN, VANTAGE

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
NOT_DELIVERED = Judgement(Verdict.INCONCLUSIVE, Reason.ACCEPTED_NOT_DELIVERED)


def ok(command: str, code: int = 250) -> Exchange:
    """Give a command that was answered well."""
    stage = Stage(command.partition(" ")[0].lower()) if command != "." else Stage.END_OF_DATA
    return Exchange(stage=stage, command=command, reply=Reply(code, ("2.0.0 Ok",)))


TALK = (
    Exchange(stage=Stage.CONNECT),
    Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx.example.com ESMTP",))),
    ok("EHLO probe.example.net"),
    ok("MAIL FROM:<probe@probe.example.net>"),
    ok("RCPT TO:<canary@canary.example.org>"),
)


def unsettled() -> Report:
    """Give a report of a server that took a message which has not arrived."""
    taken = (*TALK, ok("DATA", 354), ok("."))
    proof = Proof(kind="foreign", token="n0nce-foreign", exchanges=taken)
    endpoint = judge(PLAN, (*TALK, ok("QUIT", 221)), (proof,))
    address = AddressReport(ip="192.0.2.25", endpoints=(endpoint,))
    host = MxReport(preference=10, host="mx.example.com", resolved=True, addresses=(address,))
    return Report(
        id="7F3A",
        domain=PLAN.domain,
        started_at=NOW,
        vantage=VANTAGE,
        mail_service=MailService.MX,
        judgement=NOT_DELIVERED,
        mx=(host,),
        finished=True,
    )


def canary() -> Canary:
    """Give a canary that expects the report's message."""
    made = Canary((VANTAGE.forward_path, VANTAGE.reverse_path), lambda: NOW)
    made.expect("n0nce")
    return made


async def bring(mailbox: Canary, content: str) -> None:
    """Bring a message to the canary, past its socket."""
    envelope = type("Envelope", (), {"original_content": content.encode()})()
    session = type("Session", (), {"peer": ("192.0.2.25", 25)})()
    await mailbox.handle_DATA(None, session, envelope)  # type: ignore[arg-type] # what is read


async def test_a_late_arrival_makes_it_open() -> None:
    """The message came out after all: the report says open, and the waiting ends."""
    report, mailbox = unsettled(), canary()
    assert is_unsettled(report)

    async def arrive() -> None:
        await asyncio.sleep(0.01)
        await bring(mailbox, f"{TOKEN_HEADER}: n0nce-foreign\r\n\r\n")

    arriving = asyncio.create_task(arrive())
    corrected = [found async for found in corrections(report, mailbox, within_s=30)]
    await arriving

    (last,) = corrected
    assert last.judgement == Judgement(Verdict.OPEN, Reason.DELIVERED)
    assert not is_unsettled(last)


async def test_what_came_since_the_report_counts() -> None:
    """Between the end of a check and the first look for late messages one may have come."""
    report, mailbox = unsettled(), canary()
    await bring(mailbox, f"{TOKEN_HEADER}: n0nce-foreign\r\n\r\n")

    (last,) = [found async for found in corrections(report, mailbox, within_s=30)]

    assert Judgement(Verdict.OPEN, Reason.DELIVERED) == last.judgement


async def test_an_endpoint_beside_it_is_left_as_it_is() -> None:
    """What arrives belongs to the endpoint that the message was given to, and to no other."""
    report, mailbox = unsettled(), canary()
    address = report.mx[0].addresses[0]
    beside = replace(address.endpoints[0], port=587, proofs=())
    both = replace(address, endpoints=(*address.endpoints, beside))
    report = replace(report, mx=(replace(report.mx[0], addresses=(both,)),))
    await bring(mailbox, f"{TOKEN_HEADER}: n0nce-foreign\r\n\r\n")

    (last,) = [found async for found in corrections(report, mailbox, within_s=30)]
    asked, other = last.mx[0].addresses[0].endpoints
    assert Judgement(Verdict.OPEN, Reason.DELIVERED) == asked.judgement
    assert () == other.proofs


async def test_a_bounce_is_shown_and_waited_past() -> None:
    """Word that it could not be passed on is evidence, and not the end: another may still come."""
    report, mailbox = unsettled(), canary()

    async def arrive() -> None:
        await asyncio.sleep(0.01)
        await bring(mailbox, f"Subject: no\r\n\r\n{TOKEN_HEADER}: n0nce-foreign\r\n")

    arriving = asyncio.create_task(arrive())
    corrected = [found async for found in corrections(report, mailbox, within_s=0.2)]
    await arriving

    (last,) = corrected
    assert last.judgement == NOT_DELIVERED
    (proof,) = last.mx[0].addresses[0].endpoints[0].proofs
    assert proof.bounced


async def test_another_process_goes_on_waiting() -> None:
    """It knows the bounce that came before, waits past it, and takes what comes for new."""
    bounced = canary()
    await bring(bounced, f"Subject: no\r\n\r\n{TOKEN_HEADER}: n0nce-foreign\r\n")
    (report,) = [found async for found in corrections(unsettled(), bounced, within_s=0.01)]
    mailbox = Canary((VANTAGE.forward_path,), lambda: NOW)
    expect_again(report, mailbox)
    silent = [found async for found in corrections(report, mailbox, within_s=0.01)]
    await bring(mailbox, f"{TOKEN_HEADER}: n0nce-foreign\r\n\r\n")
    (last,) = [found async for found in corrections(report, mailbox, within_s=30)]

    assert [] == silent
    assert Judgement(Verdict.OPEN, Reason.DELIVERED) == last.judgement
    (proof,) = last.mx[0].addresses[0].endpoints[0].proofs
    assert 2 == len(proof.arrivals)


async def test_what_proved_nothing_is_not_expected() -> None:
    """An endpoint that got no message has none to wait for."""
    report = unsettled()
    address = report.mx[0].addresses[0]
    quiet = replace(address, endpoints=(replace(address.endpoints[0], proofs=()),))
    mailbox = Canary((VANTAGE.forward_path,), lambda: NOW)
    expect_again(replace(report, mx=(replace(report.mx[0], addresses=(quiet,)),)), mailbox)

    assert not mailbox._expected


async def test_nothing_comes() -> None:
    """When the time is over there is nothing to correct."""
    assert not [found async for found in corrections(unsettled(), canary(), within_s=0.01)]


async def test_a_settled_report_is_not_waited_for() -> None:
    """A report without a message under way is left alone."""
    report = replace(unsettled(), mx=())

    assert not is_unsettled(report)
    assert not [found async for found in corrections(report, canary())]


async def test_a_stored_report_keeps_what_was_proved() -> None:
    """Read back from its public JSON and judged by today's rules, proof is still proof."""
    report, mailbox = unsettled(), canary()
    await bring(mailbox, f"{TOKEN_HEADER}: n0nce-foreign\r\n\r\n")
    address = report.mx[0].addresses[0]
    endpoint = address.endpoints[0]
    arrived = replace(endpoint, proofs=with_arrivals(endpoint.proofs, mailbox.arrivals("n0nce")))
    host = replace(report.mx[0], addresses=(replace(address, endpoints=(arrived,)),))
    proved = await judge_report(replace(report, mx=(host,)))

    again = await judge_report(from_json(json.loads(json.dumps(to_json(proved)))))

    assert proved.judgement == again.judgement == Judgement(Verdict.OPEN, Reason.DELIVERED)

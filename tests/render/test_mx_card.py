"""The card of one host: verdict, repair, what was asked, evidence, the lines to type."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.model.finding import Finding, Tag
from bot.model.report import Mta, Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.mx_card import mx_card
from tests.render import samples
from tests.render.golden import CONTEXT
from tests.render.test_evidence import attempt

if TYPE_CHECKING:
    from bot.model.report import MxReport, Report


def words(part: Any) -> str:  # noqa: ANN401 - JSON
    """Return the words of blocks, each paragraph and list item on a line of its own."""
    if isinstance(part, list):
        return "".join(words(item) for item in part)
    if part["type"] in ("text", "mrkdwn", "plain_text", "link"):
        text = part["text"]
        return str(text)
    inner = part.get("elements") or part.get("fields") or [part["text"]]
    return words(inner) + "\n"


def card(report: Report, mx: MxReport | None = None) -> str:
    """Return the words of the card of a report's first host."""
    return words(mx_card(report, mx or report.mx[0], CONTEXT).blocks)


def in_order(text: str, *parts: str) -> bool:
    """Whether the parts stand in the text one after the other."""
    at = -1
    for part in parts:
        at = text.find(part, at + 1)
        if at < 0:
            return False
    return True


def test_an_open_host_from_verdict_to_repair() -> None:
    """First what it did, then how to close it, then what shows it."""
    assert in_order(
        card(samples.open_postfix()),
        "🔴 mx2.example.com: likely open relay\n",
        "203.0.113.26 accepted a stranger's mail to a stranger",
        "Close it. Postfix: relay for known clients only",
        "mynetworks is too wide",
        "See what is set: postconf -n",
        "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated",
        "Load it: postfix check && postfix reload. Then look at postqueue -p",
        "Check again here.",
        "To undo: put the old files back",
        "www.postfix.org/SMTPD_ACCESS_README.html#relay",
        "Off the blocklists",
        "zen.spamhaus.org has 203.0.113.26 (127.0.0.3 CSS: spam seen from it",
        "Asked at 203.0.113.26:25",
        "stranger to stranger",
        "Evidence",
        "C: RCPT TO:<canary@probe.example.net>\nS: 250 2.1.5 Ok",
        "*203.0.113.26*\nPTR 203-0-113-26.dsl.isp.example",
        "Also",
        "looks like a residential or dynamic line",
        "By hand, from outside",
        "telnet mx2.example.com 25\nEHLO probe.example.net\n",
        "What the reply to the outside RCPT means",
        "• 454 4.7.1, ",
        "203.0.113.26:25 · ",
    )


def test_a_closed_host_has_no_repair() -> None:
    """There is nothing to close on a closed host."""
    assert "Close it" not in card(samples.closed())


def test_the_same_answer_is_told_once() -> None:
    """Attempts that got the same answer share a line."""
    assert (
        "stranger to stranger, sender forged in its domain, null sender to a stranger:"
        " refused to relay 454 4.7.1"
    ) in card(samples.closed())


def test_a_second_remedy_is_named() -> None:
    """Where the first remedy may not be it, the next is named."""
    told = card(samples.own_domain_exim())

    assert "Close it. Exim: stop accepting a sender as a pass" in told
    assert "If that was not it: Exim: relay for known clients only" in told


def test_a_mail_sink_has_one_remedy() -> None:
    """Where there is one way to close it, no other is named."""
    report = samples.open_postfix()
    address = report.mx[0].addresses[0]
    sink = replace(
        address.endpoints[0],
        mta=Mta("Mailpit", None, "banner"),
        judgement=Judgement(Verdict.INCONCLUSIVE, Reason.MAIL_SINK),
    )
    mx = replace(report.mx[0], addresses=(replace(address, endpoints=(sink,)),))
    told = card(report, mx)

    assert "looks like Mailpit: a development mail sink or a honeypot" in told
    assert "Close it. Mail sink: take it off the internet" in told
    assert "If that was not it" not in told


def test_odd_forms_are_told_where_accepted() -> None:
    """Of many forms those that got through are told, the rest is counted."""
    report = samples.closed()
    address = report.mx[0].addresses[0]
    forms = [
        attempt("variant:percent", Outcome.ACCEPTED, "yes"),
        *(attempt(f"variant:{n}", Outcome.RELAY_DENIED) for n in range(5)),
    ]
    endpoint = replace(address.endpoints[0], attempts=(*address.endpoints[0].attempts, *forms))
    mx = replace(report.mx[0], addresses=(replace(address, endpoints=(endpoint,)),))
    told = card(report, mx)

    assert "odd form (percent): accepted 250 yes" in told
    assert "5 other forms are in the exported report." in told


def test_a_silent_host() -> None:
    """A host that did not answer says where it fell silent, and what to do."""
    told = card(samples.silent())

    assert "did not answer in time, at the connection" in told
    assert "some servers make strangers wait" in told
    assert "no answer in time\n" in told


def test_a_host_that_is_asked() -> None:
    """Before the verdict the card says that it fills in; no line is typed yet."""
    progress = samples.running()
    told = card(progress.report, progress.report.mx[0])

    assert "⏳ mx1.example.com: being asked" in told
    assert "this card fills in as it answers" in told
    assert "telnet" not in told


def test_what_is_being_done_is_not_advised() -> None:
    """While the check runs a greylisted host is asked again by us; advice comes at the end."""
    report = samples.greylisted()

    assert "Check again in about 10 minutes" in card(report)
    assert "Check again" not in card(replace(report, finished=False))


def test_a_host_without_endpoints_has_no_evidence() -> None:
    """What was not asked has neither attempts nor evidence."""
    progress = samples.running()
    told = card(progress.report, progress.report.mx[2])

    assert "Asked at" not in told
    assert "Evidence" not in told


def test_a_reused_answer_says_how_old_it_is() -> None:
    """An answer of another check has its age in the small print."""
    report = samples.closed()
    address = report.mx[0].addresses[0]
    endpoint = replace(address.endpoints[0], age_s=130, timing=None)
    mx = replace(
        report.mx[0], preference=None, addresses=(replace(address, endpoints=(endpoint,)),)
    )
    told = card(report, mx)

    assert "192.0.2.25:25 · answer reused, 3 min old · <!date^" in told
    assert "preference" not in told


def test_findings_have_their_repair() -> None:
    """What else is amiss stands with its repair, the weightiest first."""
    report = samples.closed()
    found = (Finding(Tag.MX_DUPLICATE, {"host": "a"}), Finding(Tag.MX_IS_ALIAS, {"host": "a"}))
    told = card(report, replace(report.mx[0], findings=found))

    assert in_order(
        told,
        "The MX host a is an alias (CNAME) of ?. RFC 2181 section 10.3",
        "give a address records of its own.",
        "The MX host a is named twice. Remove the duplicate.",
    )


def test_what_changed_since_the_last_report() -> None:
    """With a last report at hand, the card says first what became of it, with both times."""
    report = samples.closed()
    then = replace(samples.open_postfix(), started_at=samples.NOW - timedelta(hours=3))
    context = replace(CONTEXT, previous=then)
    told = mx_card(report, report.mx[1], context)

    assert in_order(
        words(told.blocks),
        "🟢 mx2.example.com: closed\n",
        "Not shown to be fixed. Then (<!date^1795424584^",
        "): likely open relay. Now (<!date^1795435384^",
        "): closed. Open then and not asked again: 203.0.113.26:25.\n",
    )
    assert "Not shown to be fixed." in told.text


def test_the_text_is_a_summary() -> None:
    """The fallback text says verdict, evidence, repair and warnings."""
    report = samples.open_postfix()

    assert [
        "mx2.example.com: likely open relay",
        "Close it: Postfix: relay for known clients only.",
        "203.0.113.26 is on zen.spamhaus.org (127.0.0.3).",
    ] == [
        line
        for line in mx_card(report, report.mx[0], CONTEXT).text.split("\n")
        if not line.startswith(("203.0.113.26 accepted", "203.0.113.26 looks"))
    ]

"""The message for the channel: the worst first, in few lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.finding import Finding, Tag
from bot.model.report import MxReport, Progress
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.parent import headline, parent, summarise, weightiest
from tests.render import samples
from tests.render.golden import CONTEXT
from tests.render.test_mx_card import in_order, words


def message(progress: Progress) -> str:
    """Return the words of the message."""
    return words(parent(progress, CONTEXT).blocks)


def test_three_hosts_in_ten_lines() -> None:
    """The mixed case: headline, the worst host's story, a line for each host, the small print."""
    told = message(Progress(samples.three_hosts()))

    assert in_order(
        told,
        "🔴 example.com: 1 of 3 mail hosts accepts a stranger's mail\n",
        "mx2.example.com: 203.0.113.26 accepted a stranger's mail to a stranger",
        "How to close it is on its card in the thread.",
        "🔴 LIKELY OPEN mx2.example.com: accepts a stranger's mail to a stranger 250 2.1.5 Ok",
        "🟡 NOT SETTLED mx3.example.com: greylists strangers at first",
        "🟢 CLOSED mx1.example.com: refuses to relay 454 4.7.1 Relay access denied\n",
        "asked by <@U012AB3CD> <!date^",
        "from probe.example.net · 0.8 s · report 7F3A9C21",
    )
    assert told.count("\n") <= 10


def test_one_host_is_told_of_once() -> None:
    """Where the summary is about the only host, its line adds only what the summary leaves out."""
    card = parent(Progress(samples.open_postfix()), CONTEXT)

    line = "LIKELY OPEN mx2.example.com · residential PTR, on a blocklist"
    assert f"🔴 {line}\n" in words(card.blocks)
    assert line in card.text.split("\n")
    assert 1 == card.text.count("a stranger with")


def test_thirty_hosts_stay_pleasant() -> None:
    """Thirty hosts take hardly more lines than three."""
    assert message(Progress(samples.thirty_hosts())).count("\n") <= 12


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("closed", "🟢 example.com: both mail hosts refuse strangers"),
        ("greylisted", "🟡 example.com: its mail host gave no answer that settles it"),
        ("null_mx", "⚪ example.com: takes no mail"),
        ("fault", "⚠️ example.com: relaycheck failed"),
        ("thirty_hosts", "🔴 example.com: 2 of 30 mail hosts accept a stranger's mail"),
    ],
)
def test_headline(name: str, said: str) -> None:
    """The headline is the verdict in words, with how many hosts have it."""
    assert said == " ".join(headline(samples.REPORTS[name]()))


def test_headline_without_a_verdict() -> None:
    """A finished check without any verdict says just that."""
    assert ("⚠️", "example.com: no verdict") == headline(samples.finished())


def test_headline_while_it_runs() -> None:
    """While it runs the headline says how many are asked, and what is known to be bad."""
    asked = MxReport(preference=10, host="mx1.example.com")
    closed = samples.closed().mx[0]
    one, two, mixed = (
        replace(samples.finished(*mx), finished=False)
        for mx in ((asked,), (asked, asked), (asked, closed))
    )

    again = replace(samples.greylisted(), finished=False)
    assert "example.com: asking its mail host" == headline(one)[1] == headline(again)[1]
    assert "example.com: asking 2 mail hosts" == headline(two)[1]
    assert "example.com: asking 2 mail hosts, 1 still to answer" == headline(mixed)[1]
    assert headline(samples.running().report)[1] == (
        "example.com: 1 of 3 mail hosts accepts a stranger's mail, 2 still to answer"
    )


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        (
            Judgement(Verdict.NO_MAIL, Reason.NXDOMAIN),
            "example.com does not exist in DNS. A typing error?",
        ),
        (
            Judgement(Verdict.NOT_PROBED, Reason.DNS_FAILED),
            "DNS gave no usable answer about example.com, so nothing was asked.",
        ),
        (None, ""),
    ],
)
def test_a_domain_without_hosts(judgement: Judgement | None, said: str) -> None:
    """Where there is no host to ask, the reason stands for the story."""
    assert summarise(samples.finished(judgement=judgement)).startswith(said)


def test_before_any_host_is_known() -> None:
    """The first message says what it looks up; there is no time taken yet."""
    told = message(Progress(replace(samples.finished(), finished=False)))

    assert "⏳ example.com: looking up its mail hosts\n" in told
    assert "probe.example.net · report" in told


def test_a_fault_of_ours() -> None:
    """A fault is said to be ours, with the id that the log has."""
    assert "Error b41d99e0: relaycheck's log has it." in message(Progress(samples.fault()))


def test_an_idn_in_both_spellings() -> None:
    """The small print says what DNS carries."""
    told = message(Progress(samples.hostile()))

    assert "bücher.example: its mail host" in told
    assert "in DNS: xn--bcher-kva.example · asked by" in told


def test_clean_hosts_need_no_story() -> None:
    """There is nothing to tell of hosts that refuse strangers."""
    assert "" == summarise(samples.closed())


def test_what_to_do_next() -> None:
    """A verdict that is not settled says what to do about it, once nobody does it any more."""
    running = replace(samples.greylisted(), finished=False)
    assert summarise(running).endswith("That is neither open nor closed.")
    assert summarise(samples.greylisted()).endswith("the same question through the second time.")
    assert summarise(samples.open_postfix(), cards="below").endswith("is on its card below.")


def test_findings_of_the_domain() -> None:
    """Findings of the domain follow, the weightiest first, without what was said already."""
    found = [Finding(Tag.MX_SINGLE_HOST, {"host": "mx"}), Finding(Tag.MX_NULL_WITH_OTHERS)]
    report = samples.finished(
        *samples.closed().mx, findings=(*found, Finding(Tag.NXDOMAIN, {"name": "x"}))
    )

    assert [Tag.MX_NULL_WITH_OTHERS, Tag.MX_SINGLE_HOST] == [f.tag for f in weightiest(report)]
    assert "A null MX is published beside other MX records\nOne MX host only: mx\n" in message(
        Progress(report)
    )


def test_what_changed_since_the_last_report() -> None:
    """With a last report at hand, a line says what became of which host."""
    told = parent(Progress(samples.open_postfix()), replace(CONTEXT, previous=samples.closed()))

    assert "worse: mx2.example.com; no longer an MX host: mx1.example.com." in words(told.blocks)
    assert "worse: mx2.example.com" in told.text

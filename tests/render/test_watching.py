"""What a watch says: that it has begun, and what has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.report import MailService
from bot.model.schedule import Schedule
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.watching import Set, begun, changed, is_aloud, often, opened
from bot.settling import settle
from bot.watch import Change, Turn
from tests.render import samples
from tests.render.block_lint import faults
from tests.render.reports import reports

if TYPE_CHECKING:
    from bot.model.report import Report
    from bot.render.card import Card

WATCH = Set(owner="U0DANA", schedule=Schedule(6))
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)


def change(turn: Turn, host: str = "mx2.example.com", **facts: object) -> Change:
    """Return a change of a host, a day after it was last seen as before."""
    made = Change(
        host=host,
        turn=turn,
        before=CLOSED,
        after=OPEN,
        before_at=samples.NOW - timedelta(days=1),
        after_at=samples.NOW,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def told(card: Card) -> str:
    """Return the card's text, after making sure that Slack takes it."""
    assert [] == faults(card)
    return card.text


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (1, "every hour"),
        (6, "every 6 hours"),
        (24, "daily"),
        (48, "every 2 days"),
        (168, "weekly"),
        (30, "every 30 hours"),
        (336, "every 14 days"),
    ],
)
def test_how_often_in_words(hours: int, words: str) -> None:
    """As people say it."""
    assert words == often(Schedule(hours))


def test_a_watch_begins_with_how_it_stands() -> None:
    """The channel learns who watches what, how often, and what the state is."""
    text = told(begun(samples.closed(), WATCH))

    assert "mail hosts refuse strangers" in text or "mail host refuses strangers" in text
    assert "Watched every 6 hours from now on, for <@U0DANA>" in text
    assert "/relaycheck unwatch example.com" in str(begun(samples.closed(), WATCH).blocks)


def test_a_watch_that_begins_with_an_open_host_says_so() -> None:
    """The worst host's story stands in the first message."""
    assert "accepted a stranger's mail to a stranger" in told(begun(samples.open_postfix(), WATCH))


def test_before_and_after_with_what_it_means() -> None:
    """A change has both verdicts with their times, the meaning, and the evidence."""
    report = samples.open_postfix()
    host = report.mx[0].host
    text = told(changed(report, [change(Turn.WORSE, host)], WATCH))

    assert "accepts a stranger's mail" in text.splitlines()[0]
    assert "Worse. Then (<!date^" in text
    assert "closed. Now (<!date^" in text
    assert "likely open relay" in text
    assert "is accepted there now, and was not before" in text
    assert "No message was sent" in text
    assert "on its card in the thread" in text


def test_what_is_new_was_nothing_before() -> None:
    """A host that was not there has no time at which it was."""
    text = told(changed(samples.open_postfix(), [change(Turn.NEW, before=None)], WATCH))

    assert "New. Now (" in text


@pytest.mark.parametrize(
    ("turn", "head"),
    [
        (Turn.FIXED, "example.com: fixed on mx2.example.com"),
        (Turn.NOT_SHOWN, "example.com: not shown to be fixed on mx2.example.com"),
        (Turn.UNSETTLED, "example.com: not settled any more on mx2.example.com"),
        (Turn.SETTLED, "example.com: settled on mx2.example.com"),
    ],
)
def test_what_is_not_worse_is_named_by_its_host(turn: Turn, head: str) -> None:
    """The headline says what happened, and where."""
    report = samples.three_hosts()

    assert head == told(changed(report, [change(turn)], WATCH)).splitlines()[0]


def test_a_host_that_is_gone_says_what_was_open_there() -> None:
    """It is no longer among the hosts, so the endpoint is all that there is to name."""
    gone = change(Turn.NOT_SHOWN, "old.example.com", after=None, unasked=("192.0.2.1:25",))
    text = told(changed(samples.closed(), [gone], WATCH))

    assert "not there" in text
    assert "Open then and not asked again: 192.0.2.1:25" in text
    assert "may relay as before" in text


def test_many_hosts_fit() -> None:
    """Thirty hosts that changed at once are one message within every limit, the rest counted."""
    report = samples.thirty_hosts()
    card = changed(report, [change(Turn.FIXED, mx.host) for mx in report.mx], WATCH)

    assert "fixed on 30 of its hosts" in told(card)
    assert "24 more hosts changed" in card.text or "24 more hosts changed" in str(card.blocks)


def test_what_is_for_everybody_to_hear() -> None:
    """A stranger's mail is accepted: that is said aloud, and its hosts have their cards below."""
    hosts = [change(Turn.WORSE, f"mx{number}") for number in range(4)]

    assert is_aloud([*hosts, change(Turn.FIXED)])
    assert is_aloud([change(Turn.NEW)])
    assert not is_aloud([change(Turn.FIXED), change(Turn.NOT_SHOWN)])
    assert ("mx0", "mx1", "mx2") == opened([*hosts, change(Turn.FIXED)])


def test_foreign_text_is_inert() -> None:
    """Nothing that a server or a zone wrote acts."""
    report = samples.hostile()
    host = report.mx[0].host
    for card in (begun(report, WATCH), changed(report, [change(Turn.FIXED, host)], WATCH)):
        assert "<!channel>" not in told(card)
        assert "<@U024BE7LH>" not in str(card.blocks)


def test_a_null_mx_is_told_as_such() -> None:
    """A domain without hosts has a message too."""
    report = samples.null_mx()

    assert report.mail_service is MailService.NULL_MX
    assert "takes no mail" in told(begun(report, WATCH))


@given(reports, st.integers(1, 720))
def test_any_first_look_fits(report: Report, hours: int) -> None:
    """Whatever was found is a message within Slack's limits."""
    watch = Set(owner="U1", schedule=Schedule(hours))
    cards = [begun(report, watch)]
    _, changes = settle({}, report)
    cards += [changed(report, changes, watch)] if changes else []
    for card in cards:
        assert [] == faults(card)

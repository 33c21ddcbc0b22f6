"""Cards: the sample reports as golden files, and what holds for any report at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.model.report import AddressReport, Progress
from bot.render import blocks
from bot.render.cards import Card, CardContext, mx_card, parent
from tests.fuzzing import examples
from tests.render import samples
from tests.render.block_lint import faults
from tests.render.golden import CONTEXT, FOLDER
from tests.render.golden import cards_of as golden_cards_of
from tests.render.reports import addresses, anything, progresses

# Shrinking a report of fifty hosts takes longer than a test may.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
BUTTONS: list[dict[str, object]] = [
    {
        "type": "button",
        "action_id": f"press_{number}",
        "value": "x" * 60,
        "text": {"type": "plain_text", "text": "Check again", "emoji": False},
    }
    for number in range(4)
]


def cards_of(progress: Progress) -> dict[str, Card]:
    """Return every card of a check by name."""
    told = {"parent": parent(progress, CONTEXT, BUTTONS)}
    for number, mx in enumerate(progress.report.mx):
        told[f"mx{number}"] = mx_card(progress.report, mx, CONTEXT, BUTTONS)
    return told


@pytest.mark.parametrize("name", samples.REPORTS)
def test_golden(name: str) -> None:
    """The cards of each sample are as they were when somebody last looked at them."""
    golden = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))

    assert golden == golden_cards_of(name)


@pytest.mark.parametrize("name", samples.REPORTS)
def test_samples_are_whole(name: str) -> None:
    """No card of a real report leaves anything off, buttons included, and Slack takes it."""
    for card in cards_of(Progress(samples.REPORTS[name]())).values():
        assert [] == faults(card)
        assert "does not fit" not in json.dumps(card.blocks)


@settings(
    max_examples=examples(80),
    phases=UNSHRUNK,
    suppress_health_check=list(HealthCheck),
)
@given(
    progress=progresses,
    context=st.builds(CardContext, requested_by=anything, requested_at=st.just(samples.NOW)),
)
def test_any_report_keeps_every_limit(progress: Progress, context: CardContext) -> None:
    """Whatever a check found, and whatever was written to it, Slack takes every card of it."""
    report = progress.report

    assert [] == faults(parent(progress, context, BUTTONS))
    for mx in report.mx[:3]:
        assert [] == faults(mx_card(report, mx, context, BUTTONS))


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(address=addresses)
def test_a_hundred_addresses_fit(address: AddressReport) -> None:
    """A host with a hundred addresses has one readable card."""
    mx = replace(samples.closed().mx[0], addresses=(address,) * 100)
    card = mx_card(samples.closed(), mx, CONTEXT, BUTTONS)

    assert [] == faults(card)


def test_running_says_what_is_awaited() -> None:
    """A check under way says for each host that is silent what it waits for."""
    card = parent(samples.running(), CONTEXT)

    assert "2 still to answer" in card.text
    assert "ASKING mx1.example.com: waiting for its greeting" in card.text
    assert "ASKING mx3.example.com: looking it up in DNS" in card.text


def test_before_any_host_is_known() -> None:
    """The first message says that the hosts are being looked up."""
    report = replace(samples.finished(), finished=False)

    assert parent(Progress(report), CONTEXT).text == "example.com: looking up its mail hosts"


def test_an_idn_is_shown_in_both_spellings() -> None:
    """People read the U-labels, the small print has what DNS carries."""
    card = parent(Progress(samples.hostile()), CONTEXT)

    assert card.text.startswith("bücher.example: ")
    assert "in DNS: xn--bcher-kva.example" in json.dumps(card.blocks)


def test_hostile_text_is_literal() -> None:
    """What a server wrote is in rich text as it stands, and in mrkdwn only escaped."""
    report = samples.hostile()
    card = mx_card(report, report.mx[0], CONTEXT)
    mrkdwn = [b for b in card.blocks if b["type"] in ("context", "section")]

    assert "<!channel>" in json.dumps([b for b in card.blocks if b["type"] == "rich_text"])
    assert "<!here>" not in json.dumps(mrkdwn)
    assert "&lt;!here&gt;.example and 1 more" in json.dumps(mrkdwn)
    assert "&lt;!channel&gt;" in card.text
    assert "[U+202E]evil[U+202C]" in card.text


def test_an_asker_that_is_no_user_id_is_not_mentioned() -> None:
    """Only a user id of Slack's becomes a mention."""
    context = CardContext(requested_by="!channel", requested_at=samples.NOW)
    card = parent(Progress(samples.closed()), context)

    assert "asked <!date^" in json.dumps(card.blocks)


def test_a_fault_of_ours_has_its_id() -> None:
    """A check that failed says so, whose fault it is, and where to look."""
    card = parent(Progress(samples.fault()), CONTEXT)

    assert card.text.startswith("example.com: relaycheck failed")
    assert "Error b41d99e0" in card.text
    assert "NOT ASKED mx2.example.com: the check ended before its answer" in card.text


def test_buttons_stand_last() -> None:
    """The row of buttons ends the card; without buttons there is none."""
    with_buttons = parent(Progress(samples.closed()), CONTEXT, BUTTONS)
    without = parent(Progress(samples.closed()), CONTEXT)

    assert blocks.actions(BUTTONS) == with_buttons.blocks[-1]
    assert "actions" not in [block["type"] for block in without.blocks]

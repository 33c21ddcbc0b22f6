"""Tests of the forms behind shortcuts."""

from typing import Any

import pytest

from bot.model.domain_name import DomainName
from bot.sandbox.slack.block_kit import view_problems
from bot.slack.asking import forms

LONG = DomainName(".".join(["a" * 60] * 4), ".".join(["a" * 60] * 4))
EXAMPLE = DomainName("xn--bcher-kva.example", "bücher.example")


def filled(view: Any, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a view as it comes back when it is submitted."""
    return {**view, "state": {"values": {"block": values}}}


@pytest.mark.parametrize(
    "view",
    [
        forms.one_domain(),
        forms.several_domains([EXAMPLE, *[LONG] * 9], ["T" * 12, "C" * 12, "U" * 12, "1.1"]),
        forms.said("No."),
    ],
    ids=["one", "several", "said"],
)
def test_every_form_is_valid(view: Any) -> None:  # noqa: ANN401
    """Slack takes every form, also with the longest domains there are."""
    assert [] == list(view_problems(view))


def test_what_was_ticked_comes_back_with_its_subject() -> None:
    """The options carry numbers; the domains come back whole."""
    view = forms.several_domains([EXAMPLE, LONG], ["T1", "C1"])
    ticked = {"selected_options": [{"value": "1"}]}

    assert (["T1", "C1"], [LONG.ascii]) == forms.chosen(filled(view, domains=ticked))


def test_a_form_is_read_like_a_command() -> None:
    """Domain and ticks are what would be typed after the command."""
    view = filled(
        forms.one_domain(),
        domain={"value": "example.com"},
        options={"selected_options": [{"value": "--private"}]},
        where={"selected_conversation": "C1"},
    )
    answers = forms.answers(view)

    assert "example.com --private" == forms.typed(answers)
    assert "C1" == answers["where"]


def test_fields_left_empty_are_empty() -> None:
    """What was not filled in is an empty text or an empty list, never None."""
    view = filled(forms.one_domain(), domain={"value": None}, options={"selected_options": None})

    assert {"domain": "", "options": []} == forms.answers(view)


@pytest.mark.parametrize(
    ("field", "chosen"),
    [({"selected_option": {"value": "24"}}, "24"), ({"selected_option": None}, "")],
)
def test_what_was_chosen_comes_back(field: dict[str, Any], chosen: str) -> None:
    """Of a choice of one, the value; nothing where nothing was chosen."""
    assert {"often": chosen} == forms.answers({"state": {"values": {"often": {"often": field}}}})


def test_what_is_wrong_is_plain_text() -> None:
    """Beside a field Slack shows text literally, so nothing in it is escaped or marked."""
    answer = forms.wrong("domain", "`a&amp;b` is no domain" + "x" * 2000)

    assert "errors" == answer["response_action"]
    assert answer["errors"]["domain"].startswith("a&b is no domain")
    assert len(answer["errors"]["domain"]) <= 1000

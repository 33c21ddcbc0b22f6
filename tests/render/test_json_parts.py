"""The parts that every level of the JSON shares."""

from __future__ import annotations

from bot.model.finding import Finding, Tag
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.json_parts import findings, text, texts, verdict


def test_text_is_inert_and_whole() -> None:
    """Foreign text is made harmless; a whole reply of 8 KiB is kept."""
    assert "a[U+0000]b" == text("a\x00b")
    assert ["x" * 8192] == texts(["x" * 8192])


def test_verdict_is_two_keys() -> None:
    """A judgement is two keys, null while it is not known."""
    closed = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)

    assert {"verdict": "closed", "reason": "relay_denied"} == verdict(closed)
    assert {"verdict": None, "reason": None} == verdict(None)


def test_findings_carry_their_words() -> None:
    """A finding has its severity and title beside tag and arguments."""
    assert [
        {
            "tag": "PTR_MISSING",
            "severity": "warning",
            "title": "192.0.2.1 has no PTR record",
            "args": {"ip": "192.0.2.1"},
        }
    ] == findings([Finding(Tag.PTR_MISSING, {"ip": "192.0.2.1"})])

"""The words of a verdict: what each says of safety."""

from __future__ import annotations

from bot.model.verdict import Verdict


def test_silence_is_neither_open_nor_clean() -> None:
    """What was not learnt or not asked is no sign of safety, and none of danger."""
    said = {verdict: (verdict.is_open, verdict.is_clean) for verdict in Verdict}

    assert {
        Verdict.OPEN: (True, False),
        Verdict.LIKELY_OPEN: (True, False),
        Verdict.INCONCLUSIVE: (False, False),
        Verdict.NOT_PROBED: (False, False),
        Verdict.CLOSED: (False, True),
        Verdict.NO_MAIL: (False, True),
    } == said

"""How long a greylisting server wants us to stay away."""

from __future__ import annotations

import pytest

from bot.model.exchange import Reply, Stage, TlsMode
from bot.model.report import Attempt, EndpointReport, Outcome
from bot.relay.delay import delay_s


def endpoint(*texts: str, outcome: Outcome = Outcome.GREYLISTED) -> EndpointReport:
    """Give an endpoint that answered in these words."""
    attempts = [
        Attempt(
            kind="foreign",
            reverse_path="a@b",
            forward_path="c@d",
            tls=False,
            stage=Stage.RCPT,
            reply=Reply(450, (f"4.7.1 {text}",)),
            outcome=outcome,
        )
        for text in texts
    ]
    return EndpointReport(port=25, tls=TlsMode.NONE, attempts=tuple(attempts))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Greylisted for 300 seconds (see http://isg.ee.ethz.ch/tools/postgrey)", 301),
        ("Greylisted, please try again in 20 seconds", 21),
        ("Greylisting in action, please come back in 00:05:00", 301),
        ("Greylisting in action, please come back in 04:59", 300),
        ("try again in 5 minutes", 301),
        ("try again in 4m 30s", 271),
        ("come back in 1 hour", 3601),
        ("Greylisted. Please come back later.", None),
        ("Greylisted by relay1.example.net", None),
    ],
)
def test_the_time_is_read_from_the_words(text: str, seconds: int | None) -> None:
    """Seconds, minutes, hours and clock times are read; words without a time say nothing."""
    assert seconds == delay_s(endpoint(text))


def test_the_longest_time_counts() -> None:
    """Where replies name different times, the last to let us in decides."""
    assert delay_s(endpoint("wait 10 seconds", "wait 60 seconds")) == 61


def test_only_greylisting_replies_are_read() -> None:
    """A time in another reply is not an invitation."""
    assert delay_s(endpoint("blocked for 3600 seconds", outcome=Outcome.CLIENT_BLOCKED)) is None

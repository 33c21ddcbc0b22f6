"""Events are delivered again until they are acknowledged, three times at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.delivery import Retry

if TYPE_CHECKING:
    from bot.sandbox.slack import StandIn
    from tests.sandbox.slack.conftest import Heard


async def test_unacknowledged_event_is_sent_three_times_more(slack: StandIn) -> None:
    """Nobody there: the first delivery and three retries, each said to be one."""
    courier = Courier(slack.state, None, 1.0)
    courier.retry_after_s = (0.0, 0.0, 0.0)

    last = await courier.event({"type": "app_mention"})

    assert "dispatch_failed" == last.error
    assert [None, Retry(1), Retry(2), Retry(3)] == [each.retry for each in courier.deliveries]
    assert 1 == len({each.payload["event_id"] for each in courier.deliveries})


async def test_acknowledged_event_is_sent_once(slack: StandIn, heard: Heard) -> None:
    """An app that answers is not bothered again."""
    delivery = await slack.event({"type": "app_mention", "text": "x"})

    assert delivery.in_time
    assert 1 == len(slack.deliveries)

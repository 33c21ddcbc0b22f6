"""The contract's figures."""

from __future__ import annotations

from bot.model.exchange import Stage
from bot.network.limits import Limits


def test_limits_are_the_contracts() -> None:
    """Each stage has its own patience, in seconds."""
    limits = Limits()

    assert [30, 15, 30, 3] == [
        limits.wait_s(stage) for stage in (Stage.GREETING, Stage.MAIL, Stage.RCPT, Stage.QUIT)
    ]
    assert (10, 10, 90) == (limits.connect_s, limits.tls_s, limits.connection_s)
    assert (8192, 65536, 262144) == (
        limits.reply_kept,
        limits.reply_read,
        limits.connection_read,
    )

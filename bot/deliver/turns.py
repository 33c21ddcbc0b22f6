"""Whose turn it is to post in a channel: Slack takes about one message a second in each.

docs.slack.dev/apis/web-api/rate-limits: chat.postMessage, one message a second a channel, short
bursts more. Nobody holds back before Slack has said no; from then on the posts of all checks in
that channel keep their distance for a while. Whoever has nothing there yet goes first: thirty
replies of one check do not keep the next person waiting for a first word. Knows time as numbers, in
seconds of one clock; no socket.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# A channel that has refused one is spared bursts until it was quiet for so long: those who wait
# there would all come at once.
_SPARED_S = 60.0
# Of so many channels it is remembered when they take the next post; the idle ones are forgotten.
_MOST = 1000


@dataclass(slots=True)
class _Channel:
    opens: float = 0.0
    spared_until: float = 0.0
    silent: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Turns:
    """The turns in every channel of a workspace, shared by all who post there."""

    _channels: dict[str, _Channel] = field(default_factory=dict)

    def due(self, channel: str, who: int, gap_s: float) -> float:
        """Return from when on somebody may post.

        Args:
            channel: Where.
            who: Any number that is this poster's alone.
            gap_s: How far apart posts are where Slack has refused one lately.
        """
        at = self._at(channel)
        yields = at.silent and who not in at.silent and at.opens < at.spared_until
        return at.opens + gap_s if yields else at.opens

    def take(self, channel: str, now: float, gap_s: float) -> None:
        """Post: in a channel that is spared bursts, nobody else does for a while."""
        at = self._at(channel)
        if now < at.spared_until:
            at.opens = max(at.opens, now + gap_s)
            at.spared_until = at.opens + _SPARED_S

    def refused(self, channel: str, now: float, wait_s: float) -> None:
        """Let everybody stay away for as long as Slack wants, and keep their distance then."""
        at = self._at(channel)
        at.opens = max(at.opens, now + wait_s)
        at.spared_until = at.opens + _SPARED_S

    def is_silent(self, channel: str, who: int, *, silent: bool) -> None:
        """Say that somebody waits to post their first message, or no longer does."""
        at = self._at(channel)
        if silent:
            at.silent.add(who)
        else:
            at.silent.discard(who)

    def _at(self, channel: str) -> _Channel:
        if channel not in self._channels:
            if len(self._channels) >= _MOST:
                self._forget()
            self._channels[channel] = _Channel()
        return self._channels[channel]

    def _forget(self) -> None:
        """Forget the older half, but not where somebody waits."""
        for channel in list(self._channels)[: _MOST // 2]:
            if not self._channels[channel].silent:
                del self._channels[channel]

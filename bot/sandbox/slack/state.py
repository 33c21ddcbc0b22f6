"""Everything that the stand-in knows, in one place, for the methods that read and change it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.rates import Rates
from bot.sandbox.slack.response_url import Place, ResponseUrls
from bot.sandbox.slack.sample import APP
from bot.sandbox.slack.socket_mode import SocketHub
from bot.sandbox.slack.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One Web API call as it arrived, and the answer (``error`` empty when it was ``ok``)."""

    method: str
    arguments: Mapping[str, Any]
    error: str
    at: float


@dataclass(slots=True)
class Upload:
    """A file that is being uploaded, or was."""

    id: str
    name: str
    length: int
    content: bytes | None = None


@dataclass(slots=True)
class State:
    """The state of the stand-in.

    ``origin`` is its own address (``http://127.0.0.1:PORT``), known once it listens. ``scopes`` are
    those of the bot token. ``rates`` None: no rate limits.
    """

    workspace: Workspace
    clock: Callable[[], float]
    scopes: frozenset[str]
    sockets: SocketHub
    views: Views
    response_urls: ResponseUrls
    rates: Rates | None
    faults: Faults = field(default_factory=Faults)
    origin: str = ""
    bot_token: str = field(default_factory=lambda: f"xoxb-sandbox-{secrets.token_hex(8)}")
    app_token: str = field(default_factory=lambda: f"xapp-sandbox-{secrets.token_hex(8)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    revoked: bool = False
    calls: list[ApiCall] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def response_url(self, place: Place) -> str:
        """Return a fresh response URL for a place."""
        return self.origin + self.response_urls.issue(place)


def make_state(
    workspace: Workspace,
    clock: Callable[[], float],
    scopes: frozenset[str],
    *,
    ack_deadline_s: float,
    rate_limits: bool,
) -> State:
    """Return the state of a stand-in that has just begun."""
    return State(
        workspace=workspace,
        clock=clock,
        scopes=scopes,
        sockets=SocketHub(APP, lambda: workspace.tell("sockets", None), ack_deadline_s),
        views=Views(clock),
        response_urls=ResponseUrls(clock),
        rates=Rates(clock) if rate_limits else None,
    )

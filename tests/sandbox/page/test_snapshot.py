"""Each person's page is told what that person may see, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sandbox.page.listing import Listing
from bot.sandbox.page.snapshot import change, everything, status
from bot.sandbox.slack import Delivery, Fault, Message, StandIn
from bot.sandbox.slack.delivery import Kind
from bot.sandbox.slack.state import ApiCall


@pytest.fixture
def slack() -> StandIn:
    """A stand-in that does not listen."""
    return StandIn()


def message(ephemeral_to: str | None = None) -> Message:
    """Return a message in #incident."""
    return Message(channel="C0INCIDENT", ts="1.1", user="U0RELAYCHK", ephemeral_to=ephemeral_to)


def test_everything_is_json_and_without_what_is_others(slack: StandIn) -> None:
    """The first event holds the workspace; another person's ephemeral message is not in it."""
    slack.workspace.keep(message(ephemeral_to="U0KAI"))
    slack.state.views.publish("U0DANA", {"type": "home", "blocks": []}, None)
    slack.state.views.open("U0DANA", {"type": "modal", "blocks": []})

    danas: dict[str, Any] = json.loads(json.dumps(everything(slack, Listing(), "U0DANA")))
    kais = everything(slack, Listing(), "U0KAI")

    assert ([], 1) == (danas["messages"], len(kais["messages"]))
    assert ("home", None) == (danas["home"]["type"], kais["home"])
    assert 1 == len(danas["stack"])
    assert danas["presets"]
    assert [True, False] == [
        next(each["has_bot"] for each in danas["channels"] if each["id"] == name)
        for name in ("C0INCIDENT", "C0GENERAL")
    ]


def test_change_is_told_to_those_it_concerns(slack: StandIn) -> None:
    """A message, a call, a delivery, a view, a channel and anything else have their own events."""
    call = ApiCall("chat.update", {}, "ratelimited", 1.0)
    event = Delivery(kind=Kind.EVENT, payload={"event": {"type": "app_mention"}})
    command = Delivery(kind=Kind.SLASH, payload={"command": "/relaycheck"}, error="http_error")

    def told(kind: str, what: object) -> Any:  # noqa: ANN401 - JSON
        return change(slack, "U0DANA", kind, what)

    assert told("message", message("U0KAI")) is None
    assert told("message", message("U0DANA"))["message"]["ephemeral"]
    assert ("from the app", "ratelimited") == (
        told("call", call)["entry"]["way"],
        told("call", call)["entry"]["error"],
    )
    assert "app_mention" == told("delivery", event)["entry"]["name"]
    assert "/relaycheck" == told("delivery", command)["entry"]["name"]
    assert "views" == told("view", None)["kind"]
    assert "channels" == told("channel", None)["kind"]
    assert "status" == told("sockets", None)["kind"]


def test_status_says_whether_the_app_is_there(slack: StandIn) -> None:
    """Socket Mode needs a connection; over HTTP nobody can know. Waiting faults are named."""
    slack.faults.add(Fault(method="chat.*", error="fatal_error", times=None))

    assert not status(slack)["app"]["connected"]
    assert [{"method": "chat.*", "error": "fatal_error", "times": None}] == status(slack)["faults"]
    slack.courier.request_url = "http://127.0.0.1:1/"
    assert {"transport": "HTTP", "connected": True, "revoked": False} == status(slack)["app"]

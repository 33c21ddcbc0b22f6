"""Shortcuts: "Check domains here" in a message's menu, "Check a domain" beside the composer.

The first reads the message, offers a choice where it speaks of several domains, and answers in
that message's thread, where slash commands cannot be typed. The second opens a form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.deliver import Destination
from bot.jobs import Job
from bot.request import Request, find_domains
from bot.slack.asking import forms
from bot.slack.cards.press import Press, open_window, tell

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.desk import Desk

MESSAGE = "relaycheck_message"
GLOBAL = "relaycheck_global"
_NONE_FOUND = "I found no domain in that message. `/relaycheck example.com` asks about one."
_MOST_TEXTS = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A message and the person who chose it: where the answer goes."""

    team: str
    channel: str
    user: str
    thread_ts: str


def register(app: AsyncApp, desk: Desk) -> None:
    """Let the app answer its shortcuts and their forms."""

    @app.shortcut(MESSAGE)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        press = _press(body)
        await ack()
        desk.afterwards.start(
            press.trigger_id, partial(_read_message, body, desk), partial(tell, desk.slack, press)
        )

    @app.shortcut(GLOBAL)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        press = _press(body)
        await ack()
        desk.afterwards.start(
            press.trigger_id,
            partial(open_window, desk.slack, press, forms.one_domain()),
            partial(tell, desk.slack, press),
        )

    @app.view(forms.ONE_DOMAIN)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(**await _submit_one(body, desk))

    @app.view(forms.SEVERAL_DOMAINS)
    async def _(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(**await _submit_several(body, desk))


async def _read_message(body: dict[str, Any], desk: Desk) -> None:
    press, message = _press(body), body["message"]
    place = Place(
        team=press.team,
        channel=press.channel,
        user=press.user,
        thread_ts=str(message.get("thread_ts") or message["ts"]),
    )
    texts = list(_texts(message))[:_MOST_TEXTS]
    domains = find_domains(texts, allowed_suffixes=desk.allowed_suffixes)
    if len(domains) > 1:
        await open_window(desk.slack, press, forms.several_domains(domains, astuple(place)))
        return
    asked = [await _ask(domain.ascii, place, press.trigger_id, desk) for domain in domains]
    words = "\n".join(asked) if domains else _NONE_FOUND
    if words:
        await tell(desk.slack, press, words)


async def _submit_one(body: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """Return what to acknowledge the form with: nothing, or what is wrong with its fields."""
    answers = forms.answers(body["view"])
    request = desk.read(forms.typed(answers))
    if isinstance(request, str):
        return forms.wrong(forms.DOMAIN, request)
    urls = body.get("response_urls") or [{}]
    asked = await desk.ask(
        Job(
            key=str(body["trigger_id"]),
            request=request,
            destination=Destination(
                team=str(body["team"]["id"]),
                channel=str(answers[forms.WHERE]),
                user=str(body["user"]["id"]),
                asked_at=desk.now(),
                response_url=str(urls[0].get("response_url", "")),
                private=request.private,
            ),
        )
    )
    return {} if asked.accepted else forms.wrong(forms.DOMAIN, asked.words)


async def _submit_several(body: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """Ask for each domain that was ticked; return what to acknowledge the form with."""
    subject, ticked = forms.chosen(body["view"])
    place = Place(*subject)
    if not ticked:
        return forms.wrong(forms.DOMAINS, "Tick at least one.")
    refused = [await _ask(each, place, f"{body['trigger_id']}:{each}", desk) for each in ticked]
    words = "\n".join(filter(None, refused))
    if words:
        return {"response_action": "update", "view": forms.said(words)}
    return {}


async def _ask(domain: str, place: Place, key: str, desk: Desk) -> str:
    """Ask for a check in a message's thread; return what to say if it will not be done."""
    request = desk.read(domain)
    if not isinstance(request, Request):
        return request
    asked = await desk.ask(
        Job(
            key=key,
            request=request,
            destination=Destination(
                team=place.team,
                channel=place.channel,
                user=place.user,
                asked_at=desk.now(),
                thread_ts=place.thread_ts,
            ),
        )
    )
    return "" if asked.accepted else asked.words


def _press(body: Mapping[str, Any]) -> Press:
    return Press(
        team=str(body["team"]["id"]),
        user=str(body["user"]["id"]),
        action_id=str(body["callback_id"]),
        value="",
        trigger_id=str(body["trigger_id"]),
        channel=str((body.get("channel") or {}).get("id", "")),
        response_url=str(body.get("response_url", "")),
    )


def _texts(part: object) -> Iterator[str]:
    """Yield every text and address in a message, blocks and attachments included."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if isinstance(value, str) and key in ("text", "url", "value", "fallback", "pretext"):
                yield value
            elif not isinstance(value, str):
                yield from _texts(value)
    elif isinstance(part, list):
        for each in part:
            yield from _texts(each)

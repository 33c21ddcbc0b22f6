"""The forms behind shortcuts, and what was filled into them. Pure."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from bot.render import blocks, controls
from bot.render.inert import cut, inert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.model.domain_name import DomainName
    from bot.render.controls import View

ONE_DOMAIN = "relaycheck_one_domain"
SEVERAL_DOMAINS = "relaycheck_several_domains"
DOMAIN, OPTIONS, WHERE, DOMAINS = "domain", "options", "where", "domains"
_MOST_ERROR = 1000
_TITLE = "Check mail hosts"
_OPTIONS = {
    "--private": "Show the result to me alone",
    "--no-probe": "Look at DNS only, ask no mail server",
}


def one_domain() -> View:
    """Return the form that asks for a domain, options, and where to post."""
    return controls.modal(
        _TITLE,
        [
            controls.text_input("Domain", DOMAIN, placeholder="example.com"),
            controls.checkboxes("Options", OPTIONS, _OPTIONS),
            controls.conversation_select("Post the result in", WHERE),
        ],
        callback_id=ONE_DOMAIN,
        submit="Check",
    )


def several_domains(domains: Sequence[DomainName], subject: Sequence[str]) -> View:
    """Return the form that offers the domains of a message.

    ``subject`` says where to answer; it comes back by ``chosen`` with the domains that were ticked.
    """
    # A domain may be longer than an option's value: the form carries them, the options a number.
    words = {str(n): inert(each.shown, controls.OPTION_TEXT) for n, each in enumerate(domains)}
    return controls.modal(
        _TITLE,
        [controls.checkboxes("Which of these?", DOMAINS, words)],
        callback_id=SEVERAL_DOMAINS,
        private_metadata=json.dumps([list(subject), [each.ascii for each in domains]]),
        submit="Check",
    )


def chosen(view: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the subject of the form that offers several domains, and which were ticked."""
    subject, domains = json.loads(view["private_metadata"])
    return subject, [domains[int(number)] for number in answers(view)[DOMAINS]]


def said(words: str) -> View:
    """Return a view that only says something (mrkdwn)."""
    return controls.modal(_TITLE, [blocks.section(words)], callback_id="relaycheck_said")


def answers(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in each field of a submitted form, by its name.

    A text, a conversation's id, what was chosen, or the list of what was ticked.
    """
    filled: dict[str, Any] = {}
    for fields in view["state"]["values"].values():
        for name, field in fields.items():
            if "selected_options" in field:
                filled[name] = [option["value"] for option in field["selected_options"] or ()]
            elif "selected_option" in field:
                filled[name] = (field["selected_option"] or {}).get("value", "")
            else:
                filled[name] = field.get("value") or field.get("selected_conversation") or ""
    return filled


def typed(filled: Mapping[str, Any]) -> str:
    """Return the form's domain and options as they would be typed after the command."""
    return " ".join([str(filled[DOMAIN]), *filled[OPTIONS]])


def wrong(field: str, words: str) -> dict[str, Any]:
    """Return the ack that shows, beside a field, what is wrong with it.

    Slack shows it literally: what is escaped and marked as code in ``words`` (mrkdwn) is not here.
    """
    plain = html.unescape(words).replace("`", "")
    return {"response_action": "errors", "errors": {field: cut(plain, _MOST_ERROR)}}

"""Every kind of block that the app may post, and some text that wants to be more than text."""

from __future__ import annotations

from typing import Any


def plain(text: str) -> dict[str, Any]:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> dict[str, Any]:
    """Return a mrkdwn object."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def words(text: str, **style: bool) -> dict[str, Any]:
    """Return a piece of rich text."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a button."""
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def line(*pieces: dict[str, Any]) -> dict[str, Any]:
    """Return a section of rich text."""
    return {"type": "rich_text_section", "elements": list(pieces)}


CHOICE = {
    "type": "radio_buttons",
    "action_id": "menu",
    "options": [
        {"text": plain("Try all variants"), "value": "variants"},
        {"text": plain("Other ports"), "value": "ports"},
    ],
}
CONFIRM = {
    "title": plain("Prove delivery?"),
    "text": mrkdwn("One small message is sent to *our own* mailbox."),
    "confirm": plain("Send it"),
    "deny": plain("Cancel"),
}
BLOCKS: dict[str, dict[str, Any]] = {
    "header": {"type": "header", "text": plain("mx2.example.com: LIKELY OPEN RELAY")},
    "section": {
        "type": "section",
        "text": mrkdwn(
            "*203.0.113.26* accepted a _stranger's_ mail: `250 2.1.5 Ok`\n"
            "&gt; escaped: &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;\n"
            "~crossed out~ and <https://example.com/a|a link of ours>"
        ),
    },
    "fields": {
        "type": "section",
        "fields": [
            mrkdwn("*PTR*\n203-0-113-26.dsl.isp.example"),
            mrkdwn("*FCrDNS*\npass"),
            mrkdwn("*Name*\nlooks residential"),
            mrkdwn("*zen.spamhaus.org*\nclean"),
        ],
    },
    "rich_text": {
        "type": "rich_text",
        "elements": [
            line(words("Close it. ", bold=True), words("It trusts too many networks.")),
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [
                    line(words("In main.cf narrow "), words("mynetworks", code=True)),
                    line(words("postfix check && postfix reload", code=True)),
                    line(words("<!channel> is literal here, and so is <https://evil.example|x>")),
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [line(words("one level in"))],
            },
            {
                "type": "rich_text_preformatted",
                "elements": [
                    words(
                        "S: 220 mx2.example.com ESMTP <!channel> <https://evil.example|here>\n"
                        "C: EHLO probe.example.net\nS: 250 mx2.example.com"
                    )
                ],
            },
        ],
    },
    "divider": {"type": "divider"},
    "context": {
        "type": "context",
        "elements": [
            mrkdwn("asked by <@U0DANA> <!date^1700000000^{date_short_pretty} {time}|then>"),
            plain("port 25 · 180 ms"),
        ],
    },
    "actions": {
        "type": "actions",
        "block_id": "deeds",
        "elements": [
            button("Check again", "again", style="primary"),
            button("Prove delivery", "prove", style="danger", confirm=CONFIRM),
            button("Options …", "options"),
            CHOICE,
        ],
    },
}


def choice(value: str) -> dict[str, Any]:
    """Return an option."""
    return {"text": plain(value.capitalize()), "value": value}


def field(label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return an input block, named like its element."""
    block_id = element["action_id"]
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        **more,
    }


MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "options",
    "title": plain("Check a domain"),
    "submit": plain("Check"),
    "close": plain("Cancel"),
    "blocks": [
        field(
            "Domain",
            {
                "type": "plain_text_input",
                "action_id": "domain",
                "placeholder": plain("example.com"),
            },
            hint=plain("One domain; its mail hosts are looked up."),
        ),
        field(
            "What to ask",
            {
                "type": "checkboxes",
                "action_id": "flags",
                "options": [choice("variants"), choice("prove")],
                "initial_options": [choice("variants")],
            },
            optional=True,
        ),
        field(
            "Who sees it",
            {
                "type": "radio_buttons",
                "action_id": "who",
                "options": [choice("channel"), choice("me")],
                "initial_option": choice("channel"),
            },
        ),
        field(
            "Where to post",
            {
                "type": "conversations_select",
                "action_id": "where",
                "initial_conversation": "C0INCIDENT",
            },
            optional=True,
        ),
        {"type": "context", "elements": [plain("Only ask servers that you may ask.")]},
    ],
}
HOME: dict[str, Any] = {
    "type": "home",
    "blocks": [BLOCKS["header"], BLOCKS["section"], BLOCKS["divider"], BLOCKS["fields"]],
}

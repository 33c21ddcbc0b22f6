"""What the page offers is what the app's manifest registers."""

from __future__ import annotations

from bot.sandbox.page.listing import Command, Listing, Shortcut, Suggestion, listing_of

MANIFEST = {
    "features": {
        "app_home": {"home_tab_enabled": True},
        "slash_commands": [
            {
                "command": "/relaycheck",
                "description": "Check",
                "usage_hint": "example.com",
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {"name": "Check domains here", "callback_id": "here", "type": "message"},
            {"name": "Check a domain", "callback_id": "any", "type": "global"},
        ],
    }
}


def test_manifest_becomes_what_is_offered() -> None:
    """Commands, both kinds of shortcut, and whether there is a Home tab."""
    suggestion = Suggestion("open.sandbox.test", "An open relay.")

    assert listing_of(MANIFEST, [suggestion]) == Listing(
        commands=(Command("/relaycheck", "Check", "example.com", escapes=True),),
        shortcuts=(
            Shortcut("here", "Check domains here", is_global=False),
            Shortcut("any", "Check a domain", is_global=True),
        ),
        suggestions=(suggestion,),
        has_home=True,
    )


def test_nothing_registered_is_nothing_offered() -> None:
    """An app without features offers nothing."""
    assert Listing() == listing_of({})

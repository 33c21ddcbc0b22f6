"""The sandbox's page: the stand-in of Slack as a person sees it, in a browser on this machine.

No build step and nothing from elsewhere: HTML, CSS and JavaScript modules in ``static``, a stream
of what happens (``stream``), and what a person does (``deeds``). Knows the stand-in, not the bot.
"""

from bot.sandbox.page.listing import Command, Listing, Shortcut, Suggestion, listing_of
from bot.sandbox.page.routes import add_page

__all__ = ["Command", "Listing", "Shortcut", "Suggestion", "add_page", "listing_of"]

"""What a person typed or pasted, as a Request; or one sentence that says what to type instead.

Pure text handling, from the outside in: the characters and what surrounds a word (``typed``), the
options of the command (``command``), the domain in a link, a mailbox or a URL (``domain``), the
names that no mail from the Internet goes to (``special_use``, RFC 6761). Whether a check is
allowed, and all that only DNS knows of the domain, is decided elsewhere.
"""

from bot.request.command import Help, Request, parse_ports, parse_request
from bot.request.domain import parse_domain
from bot.request.schedule import parse_schedule
from bot.request.search import find_domains
from bot.request.typed import UsageError

__all__ = [
    "Help",
    "Request",
    "UsageError",
    "find_domains",
    "parse_domain",
    "parse_ports",
    "parse_request",
    "parse_schedule",
]

"""``relaycheck probing-txt``: the file that tells who probes, ready to publish (RFC 9511).

Whoever finds the probe in a log looks up the name of its address, and asks for
``https://NAME/.well-known/probing.txt``. The format is that of RFC 9116, with a description.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.cli.output import say
from bot.identity import identify, missing_identity
from bot.policy.consent import OPT_OUT

if TYPE_CHECKING:
    from bot.model.report import Vantage
    from bot.settings import Settings

# RFC 9116 §2.5.5 recommends less than a year.
VALID = timedelta(days=360)


def run(settings: Settings) -> None:
    """Print the file; what is missing for it to be true is said on stderr."""
    vantage = identify(settings)
    if missing := missing_identity(settings, vantage):
        say(missing)
    sys.stdout.write(probing_txt(vantage, datetime.now(UTC)))  # noqa: TID251 - the clock of the edge


def probing_txt(vantage: Vantage, now: datetime) -> str:
    """Return the file for a probe that says it is ``vantage``, valid for about a year from now.

    A probe without a name has no canonical address for it.
    """
    where = f"https://{vantage.ehlo}/.well-known/probing.txt"
    expires = (now + VALID).replace(microsecond=0)
    description = (
        f"relaycheck asks mail servers, as EHLO {vantage.ehlo}, whether they relay mail from "
        f"<{vantage.reverse_path}> to <{vantage.forward_path}>; it stops at RCPT unless somebody "
        "asks for proof by one message. To opt out of what its users ask for, publish any TXT "
        f"record at {OPT_OUT}.<your domain or mail host>, or write to the contact."
    )
    lines = [
        *([] if vantage.ehlo.startswith("[") else [f"Canonical: {where}"]),
        f"Contact: mailto:{quote(vantage.reverse_path, safe='@+')}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Description: {description}",
    ]
    return "\n".join(lines) + "\n"

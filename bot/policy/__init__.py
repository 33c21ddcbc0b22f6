"""Who may be asked what: pure decisions before any connection.

By the address alone (``address``): the filter's word, the check's limits, ports. By consent
(``consent``), for checks that were asked for in Slack: who does not want to be asked, and who has
shown that a domain or host is theirs.
"""

from bot.policy.address import admit, over_limit, refused, ruled
from bot.policy.consent import Consent, Place, Rule, Ruling

__all__ = [
    "Consent",
    "Place",
    "Rule",
    "Ruling",
    "admit",
    "over_limit",
    "refused",
    "ruled",
]

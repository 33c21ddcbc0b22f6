"""Sample mail hosts on loopback with a DNS zone of their own: something to check with no network.

The samples are data (``samples.toml``, ``dialects.toml``). They are the outer world of the sandbox,
so this package may use drivers that the product itself keeps behind ``bot.network``.
"""

from __future__ import annotations

from bot.sandbox.hosts.canary import Canary, Message
from bot.sandbox.hosts.running import SampleHosts, sample_hosts
from bot.sandbox.hosts.samples import MailHost, Sample

__all__ = ["Canary", "MailHost", "Message", "Sample", "SampleHosts", "sample_hosts"]

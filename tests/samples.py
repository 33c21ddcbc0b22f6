"""The sample mail hosts, as the product is told of them by settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sandbox.hosts import SampleHosts


def settings_for(hosts: SampleHosts, **others: Any) -> Settings:  # noqa: ANN401 - whatever a setting takes
    """Return settings with which the samples are found and may be asked, and others as given."""
    return Settings(
        resolver=hosts.resolver,
        blocklists="off",
        ports=(hosts.port,),
        allow_networks=hosts.networks,
        allow_domains=(hosts.suffix,),
        ehlo_name=hosts.probe,
        **others,
    )

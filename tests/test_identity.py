"""The probe's identity comes from the settings, else from this machine, and what lacks is said."""

import pytest

from bot.identity import identify, missing_identity, stand_in
from bot.model.report import Vantage
from bot.settings import Settings


def test_the_settings_say_who_the_probe_is() -> None:
    """What is set is used as it is."""
    settings = Settings(
        ehlo_name="probe.example.net", mail_from="a@example.net", rcpt_to="b@example.org"
    )
    vantage = identify(settings)

    assert (
        Vantage(
            name="default",
            ehlo="probe.example.net",
            reverse_path="a@example.net",
            forward_path="b@example.org",
        )
        == vantage
    )
    assert missing_identity(settings, vantage) is None


def test_mailboxes_stand_in_at_the_ehlo_name() -> None:
    """Without mailboxes both paths are at the EHLO name, and are not the same."""
    settings = Settings(ehlo_name="probe.example.net", rcpt_to=None, mail_from=None)
    vantage = identify(settings)

    assert "relaycheck@probe.example.net" == vantage.reverse_path
    assert "canary@probe.example.net" == vantage.forward_path
    warning = missing_identity(settings, vantage)
    assert warning
    assert warning.startswith("RELAYCHECK_MAIL_FROM, RELAYCHECK_RCPT_TO not set: ")
    assert "EHLO probe.example.net, MAIL FROM:<relaycheck@probe.example.net>" in warning


def test_without_any_setting_this_machine_is_named() -> None:
    """A machine always has an identity, by its name or its address."""
    vantage = identify(Settings(ehlo_name=None, mail_from=None, rcpt_to=None))

    assert "." in vantage.ehlo or ":" in vantage.ehlo


@pytest.mark.parametrize(
    ("host_name", "address", "ehlo"),
    [
        ("Probe.Example.NET", "192.0.2.1", "probe.example.net"),
        ("probe", "192.0.2.1", "[192.0.2.1]"),
        ("probe.local", "192.0.2.1", "[192.0.2.1]"),
        ("probe.corp.internal", "2001:db8::1", "[IPv6:2001:db8::1]"),
        ("localhost.localdomain", None, "[127.0.0.1]"),
        ("", "192.0.2.1", "[192.0.2.1]"),
    ],
)
def test_a_public_looking_name_else_an_address_literal(
    host_name: str, address: str | None, ehlo: str
) -> None:
    """An internal name is never told to strangers; an address literal is true (RFC 5321 §4.1.4)."""
    assert ehlo == stand_in(host_name, address)

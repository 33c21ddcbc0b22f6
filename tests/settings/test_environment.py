"""The environment is validated as a whole, and wrong settings are refused by their names."""

import re
from pathlib import Path

import pytest

from bot.settings import (
    Settings,
    SettingsError,
    bare_environment,
    load_settings,
    unknown_variables,
    variable,
)

VARIABLES = tuple(variable(field) for field in Settings.model_fields)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give each test an environment without settings and a folder of its own."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_names_of_the_variables() -> None:
    """Slack's settings have Slack's names, ours have our prefix."""
    assert "SLACK_BOT_TOKEN" == variable("slack_bot_token")
    assert "RELAYCHECK_EHLO_NAME" == variable("ehlo_name")
    assert all(re.fullmatch(r"(SLACK|RELAYCHECK)_[A-Z_]+", name) for name in VARIABLES)


def test_defaults_need_no_environment() -> None:
    """Nothing has to be set."""
    settings = load_settings()

    assert ("127.0.0.1", 3000) == (settings.http_host, settings.http_port)
    assert ("system", (25,), (), ()) == (
        settings.resolver,
        settings.ports,
        settings.allow_networks,
        settings.allow_domains,
    )
    assert (None, None, None, None) == (
        settings.slack_bot_token,
        settings.ehlo_name,
        settings.mail_from,
        settings.rcpt_to,
    )


def test_the_database_is_in_the_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is set a SQLite file is used, where the user keeps state (XDG)."""
    monkeypatch.setenv("XDG_STATE_HOME", "/var/my state")

    url = load_settings().database_url.get_secret_value()
    assert "sqlite:////var/my%20state/relaycheck/relaycheck.db" == url


def test_the_password_of_a_database_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the settings nor a refusal of them show it."""
    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", "postgresql://relay:hunter2@db/relay")
    assert "hunter2" not in repr(load_settings())

    monkeypatch.setenv("RELAYCHECK_DATABASE_URL", "postgresql://relay:hunter2@db")
    with pytest.raises(SettingsError, match="no address of a database") as refusal:
        load_settings()
    assert "hunter2" not in str(refusal.value)


def test_a_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the settings nor a refusal of them show a blocklist's key."""
    monkeypatch.setenv("RELAYCHECK_SPAMHAUS_DQS_KEY", "hunter2")
    settings = load_settings()

    assert "hunter2" not in repr(settings)
    assert settings.spamhaus_dqs_key is not None
    assert "hunter2" == settings.spamhaus_dqs_key.get_secret_value()

    monkeypatch.setenv("RELAYCHECK_ABUSIX_KEY", "hunter.2")
    with pytest.raises(SettingsError, match="RELAYCHECK_ABUSIX_KEY: it is no key") as refusal:
        load_settings()
    assert "hunter" not in str(refusal.value)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A .env file is read, a variable of the environment is stronger, an empty one is not set."""
    Path(".env").write_text(
        "RELAYCHECK_PORTS=25,587\nRELAYCHECK_RESOLVER=udp://192.0.2.53\nUNRELATED=1\n"
    )
    monkeypatch.setenv("RELAYCHECK_RESOLVER", "tls://192.0.2.53")
    monkeypatch.setenv("RELAYCHECK_EHLO_NAME", "")

    settings = load_settings()

    assert ((25, 587), "tls://192.0.2.53", None) == (
        settings.ports,
        settings.resolver,
        settings.ehlo_name,
    )


def test_all_problems_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong value has its sentence, which names the variable."""
    monkeypatch.setenv("SLACK_API_URL", "slack.com")
    monkeypatch.setenv("RELAYCHECK_HTTP_PORT", "http")
    monkeypatch.setenv("RELAYCHECK_MAIL_FROM", "relaycheck")

    with pytest.raises(SettingsError) as refusal:
        load_settings()

    assert ["SLACK_API_URL", "RELAYCHECK_HTTP_PORT", "RELAYCHECK_MAIL_FROM"] == [
        problem.partition(":")[0] for problem in refusal.value.problems
    ]
    assert all(problem.endswith(".") for problem in refusal.value.problems)
    assert "\n".join(refusal.value.problems) == str(refusal.value)


def test_other_ports_are_for_allowed_networks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports beside 25, 465 and 587 need RELAYCHECK_ALLOW_NETWORKS."""
    monkeypatch.setenv("RELAYCHECK_PORTS", "25,2525")
    with pytest.raises(SettingsError, match="RELAYCHECK_PORTS has 2525, and ports other than"):
        load_settings()

    monkeypatch.setenv("RELAYCHECK_ALLOW_NETWORKS", "127.0.0.0/8")
    assert (25, 2525) == load_settings().ports


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the settings nor a refusal shows a token."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "hush-hush")
    settings = load_settings()
    assert settings.slack_bot_token
    assert "hush-hush" == settings.slack_bot_token.get_secret_value()
    assert "hush" not in repr(settings) + str(settings) + settings.model_dump_json()

    monkeypatch.setenv("RELAYCHECK_HTTP_PORT", "http")
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert "hush" not in repr(refusal.value)
    assert refusal.value.__cause__ is None


def test_settings_are_frozen() -> None:
    """Nobody changes a setting after the start."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings().http_port = 1


def test_a_broken_file_is_said() -> None:
    """A .env file that is no text is refused by its name."""
    Path(".env").write_bytes(b"RELAYCHECK_PORTS=\xff\n")

    with pytest.raises(SettingsError, match=r"^\.env cannot be read"):
        load_settings()


def test_variables_that_are_no_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name is found in the environment and the file; other programs' are not."""
    monkeypatch.setenv("RELAYCHECK_EHLO_NAM", "probe.example.net")
    Path(".env").write_text("RELAYCHECK_SOMETHING=1\nOTHER=2\nRELAYCHECK_PORTS=25\n")

    assert (
        "RELAYCHECK_EHLO_NAM is no setting of this version; did you mean RELAYCHECK_EHLO_NAME.",
        "RELAYCHECK_SOMETHING is no setting of this version.",
    ) == unknown_variables()


def test_a_bare_environment_has_no_setting_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a program needs to run is handed on, and nothing else, whatever its name."""
    for name in (*VARIABLES, "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/authority.pem")

    handed_on = bare_environment()
    assert "/etc/authority.pem" == handed_on["SSL_CERT_FILE"]
    assert "secret" not in handed_on.values()

"""The text of a command is read as one domain with options, or refused in one clear sentence."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.domain_name import is_host_name
from bot.request import Help, Request, UsageError, parse_ports, parse_request

TYPED = tomllib.loads(Path(__file__).with_name("requests.toml").read_text("utf-8"))


@pytest.mark.parametrize(("text", "domain"), TYPED["domains"])
def test_domain_is_found(text: str, domain: str) -> None:
    """A domain is found in whatever people and their programs put around it."""
    request = parse_request(text)

    assert isinstance(request, Request)
    assert domain == request.domain.ascii
    assert Request(request.domain, request.domain.shown) == request


@pytest.mark.parametrize(("text", "changes"), TYPED["options"])
def test_options_are_known_in_any_place_and_spelling(text: str, changes: dict[str, Any]) -> None:
    """Options stand anywhere, with the dashes that phones make of hyphens."""
    plain = parse_request("example.com")
    assert isinstance(plain, Request)
    if "ports" in changes:
        changes = changes | {"ports": tuple(changes["ports"])}

    assert dataclasses.replace(plain, **changes) == parse_request(text)


@pytest.mark.parametrize("text", TYPED["help"])
def test_help_is_understood(text: str) -> None:
    """Nothing, and anything that asks for help, is help."""
    assert Help() == parse_request(text)


@pytest.mark.parametrize(("text", "sentence"), TYPED["refused"])
def test_everything_else_is_refused_in_one_sentence_with_an_example(
    text: str, sentence: str
) -> None:
    """What is no domain is refused with the reason, and with an example of what to type."""
    with pytest.raises(UsageError) as refusal:
        parse_request(text)

    message = refusal.value.message
    assert sentence in message
    assert ": type" in message or "such as" in message or "as in" in message
    assert message.endswith(".")
    assert message.isprintable()


def test_both_spellings_are_kept_and_shown() -> None:
    """An internationalised name is shown as people read it and as DNS carries it."""
    request = parse_request("Bücher.example")

    assert isinstance(request, Request)
    assert "bücher.example (xn--bcher-kva.example)" == request.shown
    assert ("xn--bcher-kva.example", "bücher.example") == (
        request.domain.ascii,
        request.domain.unicode,
    )


def test_an_operator_may_allow_special_use_names() -> None:
    """A suffix that the settings name is a domain like any other, and all below it."""
    request = parse_request("pf.relaylab.test", allowed_suffixes=("relaylab.test",))

    assert isinstance(request, Request)
    assert "pf.relaylab.test" == request.domain.ascii
    with pytest.raises(UsageError, match="kept for tests"):
        parse_request("other.test", allowed_suffixes=("relaylab.test",))


def test_other_ports_are_only_for_those_who_may() -> None:
    """Ports beside 25, 465 and 587 need the caller's word, and are ports all the same."""
    request = parse_request("example.com --ports 2525,25", other_ports=True)

    assert isinstance(request, Request)
    assert (2525, 25) == request.ports
    for wrong in ("0", "65536", "123456", "25,x", "٢٥", ""):
        with pytest.raises(UsageError, match="takes port numbers"):
            parse_ports(wrong, others=True)


FRAGMENTS = (
    "example", "com", "bücher", "xn--", "bcher-kva", ".", "。", "..", " ", ",", "@", "<", ">", "|",
    "http://", "mailto:", "/", "?", "#", ":", "25", "127", "0x7f", "[", "]", "--", "—", "private",
    "ports", "=", "`", "“", "'", "\u200b", "\u200d", "\u202e", "\u0300", "א", "é", "&lt;", "&gt;",
    "-", "_", "a" * 63, "test", "local", "①", "℀", "\ud800",
)  # fmt: skip
typed_texts = st.text(max_size=80) | st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)


@given(typed_texts)
def test_nothing_but_a_usage_error_is_raised(text: str) -> None:
    """Every text is a request for a legal host name, help, or a printable refusal."""
    try:
        request = parse_request(text)
    except UsageError as refusal:
        message = refusal.message
    else:
        message = "."
        assert isinstance(request, Help) or is_legal(request)

    assert message.isprintable()
    assert message.endswith(".")
    assert len(message) < 400


def is_legal(request: Request) -> bool:
    """Whether the request's domain is a host name of several labels, and fit for a mailbox."""
    name = request.domain.ascii
    return is_host_name(name) and "." in name and "_" not in name


@given(typed_texts)
def test_what_was_understood_is_understood_again(text: str) -> None:
    """Either spelling of a domain that was found leads to the same domain."""
    try:
        request = parse_request(text)
    except UsageError:
        return
    if isinstance(request, Request):
        for spelling in (request.domain.ascii, request.domain.unicode):
            again = parse_request(spelling)
            assert isinstance(again, Request)
            assert request.domain == again.domain

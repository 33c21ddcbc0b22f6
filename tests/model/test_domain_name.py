"""Domain names in both spellings, and the rules that make one legal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.domain_name import (
    DomainName,
    DomainNameError,
    is_host_name,
    parse_domain_name,
)


@pytest.mark.parametrize(
    ("text", "ascii_form", "unicode_form"),
    [
        ("example.com", "example.com", "example.com"),
        ("EXAMPLE.COM.", "example.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example", "bücher.example"),
        ("xn--BCHER-kva.example", "xn--bcher-kva.example", "bücher.example"),
        ("straße.example", "xn--strae-oqa.example", "straße.example"),
        ("xn--i-7iq.example", "xn--i-7iq.example", "xn--i-7iq.example"),
        ("xn--a.example", "xn--a.example", "xn--a.example"),
        # Not how Punycode writes xn--bbk, and so no A-label (RFC 5891 §5.3).
        ("xn---bbk.example", "xn---bbk.example", "xn---bbk.example"),
        ("localhost", "localhost", "localhost"),
    ],
)
def test_both_spellings_are_kept(text: str, ascii_form: str, unicode_form: str) -> None:
    """A name is the A-labels that DNS carries, with the U-labels that lead back to them."""
    assert DomainName(ascii_form, unicode_form) == parse_domain_name(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a label is empty"),
        (".", "a label is empty"),
        ("a..b", "a label is empty"),
        (".a", "a label is empty"),
        ("a.b..", "a label is empty"),
        ("-a.example", "hyphen"),
        ("a-.example", "hyphen"),
        ("a_b.example", "U+005F (LOW LINE)"),
        ("a b.example", "U+0020 (SPACE)"),
        ("a\x00.example", "U+0000 (a control character)"),
        ("a\u200b.example", "U+200B (ZERO WIDTH SPACE)"),
        ("a\u200c.example", "U+200C (ZERO WIDTH NON-JOINER)"),
        ("\ud800.example", "U+D800"),
        ("❤.example", "U+2764 (HEAVY BLACK HEART)"),
        ("\u0301a.example", "internationalised"),
        ("אa.example", "internationalised"),
        ("x" * 64, "has 64 characters, and 63 is the most"),
        ("ü" * 60, "has 6"),
        (".".join(["x" * 63] * 4), "the name has 255 characters, and 253 is the most"),
        ("x" * 2000, "at most 253 characters"),
    ],
)
def test_what_is_no_domain_name_says_why(text: str, why: str) -> None:
    """A refusal names the character or the limit."""
    with pytest.raises(DomainNameError) as refusal:
        parse_domain_name(text)

    assert why in str(refusal.value)


def test_the_longest_names_are_names() -> None:
    """63 octets in a label and 253 in a name are legal (RFC 1035 §2.3.4)."""
    name = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])

    assert len(name) == 253
    assert name == parse_domain_name(name + ".").ascii


def test_a_name_is_shown_in_both_spellings_where_they_differ() -> None:
    """A person sees the U-labels and what DNS carries; in SMTP and DNS stands the latter."""
    assert "example.com" == DomainName("example.com", "example.com").shown
    assert "bücher.example (xn--bcher-kva.example)" == parse_domain_name("bücher.example").shown
    assert "xn--bcher-kva.example" == str(parse_domain_name("bücher.example"))


@pytest.mark.parametrize(
    "name", ["mx.example.com", "MX.example.com.", "a_b.example", "1.example", "a", "x" * 63]
)
def test_host_names(name: str) -> None:
    """Letters, digits, hyphens and underscores make a host name."""
    assert is_host_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "a..b", "-a.example", "a-.example", "a b", "127.1", "0x7f.1", "2130706433", "0",
     "a.0x", "x" * 64, "é.example", "a/b", "<!here>.example", ".".join(["x" * 63] * 4)],
)  # fmt: skip
def test_what_is_no_host_name(name: str) -> None:
    """No empty or over-long label, no other character, and never what is read as an address."""
    assert not is_host_name(name)


@given(st.text(max_size=70) | st.from_regex(r"\A(xn--[a-z0-9-]{1,12}\.){1,3}\Z"))
def test_a_parsed_name_is_legal_and_parses_to_itself(text: str) -> None:
    """Whatever is accepted is LDH, within its limits, and the same again in either spelling."""
    try:
        name = parse_domain_name(text)
    except DomainNameError:
        return

    assert is_host_name(f"{name}.example") or len(name.ascii) > 245
    assert name == parse_domain_name(name.ascii)
    assert name == parse_domain_name(name.unicode)

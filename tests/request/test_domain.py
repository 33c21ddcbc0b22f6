"""The domain in one word; the table of what people type is in ``test_command``."""

import pytest

from bot.model.domain_name import DomainName
from bot.request import UsageError, parse_domain


def test_a_word_from_elsewhere_is_unwrapped_like_one_from_slack() -> None:
    """The command line takes what a mail client or a browser copied, too."""
    assert DomainName("example.com", "example.com") == parse_domain(" “https://Example.com/x” \n")


def test_link_and_label_may_differ_in_spelling_only() -> None:
    """A link whose label is another domain is a trap; another spelling of it is not."""
    link = "<http://xn--bcher-kva.example/|Bücher.example>"

    assert "xn--bcher-kva.example" == parse_domain(link).ascii
    with pytest.raises(UsageError, match=r"shows `b\.example` and leads to `a\.example`"):
        parse_domain("<http://a.example|b.example>")


def test_allowed_suffixes_hold_inside_links() -> None:
    """A special-use name that the operator allowed is allowed in a link as well."""
    link = "<http://a.relaylab.test|a.relaylab.test>"

    assert "a.relaylab.test" == parse_domain(link, allowed_suffixes=("relaylab.test",)).ascii


def test_a_single_label_is_refused_even_where_it_is_allowed() -> None:
    """Allowing a suffix allows the names below it; a mail domain still has a dot."""
    with pytest.raises(UsageError, match="single word"):
        parse_domain("localhost", allowed_suffixes=("localhost",))


@pytest.mark.parametrize("text", ["a.example b.example", "a.example --private"])
def test_one_word_is_one_domain(text: str) -> None:
    """There are no options and no second domain in a word."""
    with pytest.raises(UsageError, match="is no domain, because U\\+0020"):
        parse_domain(text)

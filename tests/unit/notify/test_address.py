"""Addresses: exactly one, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.notify.address import read_address, read_email, same_address


@pytest.mark.parametrize(
    ("text", "email"),
    [
        pytest.param("jdoe@example.org", "jdoe@example.org", id="plain"),
        pytest.param(" j.d+x@a-b.example.org ", "j.d+x@a-b.example.org", id="blanks around"),
        pytest.param("o'neil@localhost", "o'neil@localhost", id="one label, an apostrophe"),
        pytest.param("j@bücher.example", "j@xn--bcher-kva.example", id="international domain"),
        pytest.param("", None, id="empty"),
        pytest.param("jdoe", None, id="no at"),
        pytest.param("@example.org", None, id="no local part"),
        pytest.param("j@", None, id="no domain"),
        pytest.param("a@b.c, d@e.f", None, id="two"),
        pytest.param("a@b.c;d@e.f", None, id="two, the other way"),
        pytest.param("a@b.c\nBcc: d@e.f", None, id="a header behind it"),
        pytest.param("a@b.c\r\n.", None, id="a line end"),
        pytest.param("a b@c.d", None, id="a blank inside"),
        pytest.param('"a b"@c.d', None, id="quoted local part"),
        pytest.param("a(comment)@c.d", None, id="a comment"),
        pytest.param("<a@b.c>", None, id="brackets"),
        pytest.param("@x:a@b.c", None, id="a route"),
        pytest.param("a..b@c.d", None, id="two dots"),
        pytest.param("a@[127.0.0.1]", None, id="an address literal"),
        pytest.param("a@-b.c", None, id="a hyphen first"),
        pytest.param("ä@b.c", None, id="local part beyond ASCII"),
        pytest.param("a@b\x00.c", None, id="a null"),
        pytest.param("a" * 65 + "@b.c", None, id="local part too long"),
        pytest.param("a@" + "b." * 130 + "c", None, id="too long"),
        pytest.param("a@" + "ü" * 80 + ".c", None, id="label too long once encoded"),
    ],
)
def test_one_address_or_none(text: str, email: str | None) -> None:
    """What is not plainly one address is no address."""
    assert read_email(text) == email


@given(st.text())
def test_no_text_gives_more_than_one_address(text: str) -> None:
    """Whatever the appliance has as an address, one line with one at sign comes out, or nothing."""
    found = read_email(text)
    assert found is None or (found.isascii() and found.isprintable() and found.count("@") == 1)


@pytest.mark.parametrize(
    ("text", "name", "email"),
    [
        pytest.param("Service Desk <d@e.org>", "Service Desk", "d@e.org", id="name"),
        pytest.param('"Desk, the" <d@e.org>', "Desk, the", "d@e.org", id="quoted name"),
        pytest.param("d@e.org", "", "d@e.org", id="bare"),
        pytest.param("<d@e.org>", "", "d@e.org", id="brackets only"),
        pytest.param("A\nBcc: x <d@e.org>", "A Bcc: x", "d@e.org", id="line end in the name"),
    ],
)
def test_a_sender_may_have_a_name(text: str, name: str, email: str) -> None:
    """The forms people write in a configuration."""
    found = read_address(text)
    assert found is not None
    assert (found.name, found.email) == (name, email)


@pytest.mark.parametrize("text", ["", "x", "A <b>", "A <a@b.c> <d@e.f>", "A <a@b.c> x", "<<a@b.c>"])
def test_a_sender_is_one_address(text: str) -> None:
    """Anything else is refused."""
    assert read_address(text) is None


def test_case_and_alphabet_do_not_make_another_address() -> None:
    """So that no spelling of the queue's own address slips through."""
    assert same_address("Desk@BÜCHER.example") == same_address("desk@xn--bcher-kva.example")

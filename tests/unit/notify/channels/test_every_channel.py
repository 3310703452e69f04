"""What every channel owes, also those added later."""

import pytest

from kace_bridge.notify.channels import Channel, channel_adapter, channel_kinds

KINDS = channel_kinds()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_documented_with_an_example(kind: str) -> None:
    """What it does, and YAML to copy."""
    text = KINDS[kind].__doc__ or ""
    assert "Example:" in text
    assert f"{{kind: {kind}" in text


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_strict_and_frozen(kind: str) -> None:
    """Unknown keys are refused, values are not guessed, nothing changes later."""
    config = KINDS[kind].model_config
    assert (config["extra"], config["strict"], config["frozen"]) == ("forbid", True, True)
    assert KINDS[kind].delivery is not Channel.delivery


def test_an_unknown_kind_lists_the_known_ones() -> None:
    """The cure is in the message."""
    with pytest.raises(ValueError, match="'email', 'folder', 'webhook'"):
        channel_adapter().validate_python({"kind": "emial"})

"""Secrets do not show."""

import copy
import pickle
import subprocess
import sys

import pytest

from kace_bridge.sma import Secret


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param(lambda s: f"{s}", id="f-string"),
        pytest.param(lambda s: f"{s!r:>40}", id="formatted repr"),
        pytest.param(lambda s: f"{s:>40}", id="format specification"),
        pytest.param(lambda s: " ".join(map(str, [s])), id="joined"),
        pytest.param(lambda s: repr({"password": s}), id="inside a dict"),
        pytest.param(lambda s: repr([copy.copy(s), copy.deepcopy(s)]), id="copies"),
    ],
)
def test_a_secret_prints_masked(show):
    """Whichever way a secret is printed, its text does not appear."""
    assert "hunter2" not in show(Secret("hunter2"))
    assert "***" in show(Secret("hunter2"))


def test_a_secret_refuses_to_be_pickled():
    """A pickled secret would be readable in a file, at every protocol."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(Secret("hunter2"), protocol)


def test_secrets_compare_by_their_text():
    """Equal texts are equal secrets; a secret never equals a plain text."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")
    assert Secret.of(Secret("a")) == Secret.of("a")
    assert Secret("a").reveal() == "a"


def test_the_secret_module_costs_no_http_library():
    """Importing kace_bridge.sma.secret alone leaves requests and urllib3 out."""
    script = (
        "import sys; import kace_bridge.sma.secret, kace_bridge.sma.query, kace_bridge.sma.auth;"
        "sys.exit(bool({'requests', 'urllib3', 'tenacity'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_public_names_are_importable_and_others_are_not():
    """Every name the package announces exists; a misspelt one is an AttributeError."""
    import kace_bridge.sma as package

    for name in package.__all__:
        assert getattr(package, name).__name__ == name
    with pytest.raises(AttributeError, match="Smaa"):
        _ = package.Smaa

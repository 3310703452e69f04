"""One-time codes."""

import base64
from datetime import UTC, datetime

import pytest

from kace_bridge.sma.secret import Secret
from kace_bridge.sma.totp import decode_seed, one_time_code

SEED = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(second, code):
    """The SHA-1 vectors of RFC 6238, appendix B, cut to six digits."""
    assert one_time_code(Secret(SEED), datetime.fromtimestamp(second, UTC)).reveal() == code


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param("JBSW Y3DP EHPK 3PXP", id="in groups"),
        pytest.param("jbswy3dpehpk3pxp", id="small letters"),
        pytest.param("JBSW-Y3DP-EHPK-3PXP", id="with dashes"),
        pytest.param("JBSWY3DPEHPK3PXP======", id="padded"),
    ],
)
def test_seeds_are_read_as_set_up_pages_show_them(seed):
    """Blanks, dashes, case and padding do not matter."""
    assert decode_seed(Secret(seed)) == base64.b32decode("JBSWY3DPEHPK3PXP")


@pytest.mark.parametrize("seed", ["", "  ", "not base32 1890!", "é"])
def test_a_bad_seed_is_refused_without_being_shown(seed):
    """The message names the problem, not the seed."""
    with pytest.raises(ValueError, match="not base32") as caught:
        decode_seed(Secret(seed))
    assert not seed.strip() or seed not in str(caught.value)

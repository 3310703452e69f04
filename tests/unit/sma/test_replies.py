"""What a reply means, row by row."""

import json

import pytest

from kace_bridge.errors import (
    NotFound,
    OutcomeUnknown,
    Refused,
    RetryLater,
    Stumbled,
    UnexpectedReply,
)
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.replies import (
    is_code_wanted,
    is_session_lost,
    read_object,
    read_retry_after,
    read_rows,
)

READ = Request("GET", "/api/service_desk/tickets/41", (("filtering", "owner.user_name eq jdoe"),))
WRITE = Request("PUT", "/api/service_desk/tickets/41")
JSON = {"content-type": "application/json"}


def reply(status: int, body: object = b"{}", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, JSON | {k.replace("_", "-"): v for k, v in headers.items()}, data)


ERROR = {"errorCode": -1, "errorDescription": "No such status"}


@pytest.mark.catalogue("A06")
@pytest.mark.catalogue("A07")
@pytest.mark.parametrize(
    ("answer", "of_read", "of_write"),
    [
        pytest.param(reply(400, ERROR), Refused, Refused, id="400"),
        pytest.param(reply(403, ERROR), Refused, Refused, id="403"),
        pytest.param(reply(404, ERROR), NotFound, NotFound, id="404"),
        pytest.param(reply(410), NotFound, NotFound, id="410"),
        pytest.param(reply(404, b"<html>"), NotFound, NotFound, id="404 page"),
        pytest.param(reply(405), Refused, Refused, id="405"),
        pytest.param(reply(409), Refused, Refused, id="409"),
        pytest.param(reply(422), Refused, Refused, id="422"),
        pytest.param(reply(408), RetryLater, OutcomeUnknown, id="408"),
        pytest.param(reply(429), RetryLater, RetryLater, id="429 is surely not carried out"),
        pytest.param(reply(500, ERROR), Stumbled, OutcomeUnknown, id="500"),
        pytest.param(reply(502, b"<html>"), RetryLater, OutcomeUnknown, id="502 page"),
        pytest.param(reply(503), RetryLater, OutcomeUnknown, id="503"),
        pytest.param(reply(302), UnexpectedReply, OutcomeUnknown, id="redirect"),
        pytest.param(reply(200, ERROR), Refused, Refused, id="error in a 200"),
        pytest.param(reply(200, b"<html>x"), UnexpectedReply, OutcomeUnknown, id="page in a 200"),
        pytest.param(reply(200, b""), UnexpectedReply, OutcomeUnknown, id="empty 200"),
        pytest.param(reply(200, b'{"Ti'), UnexpectedReply, OutcomeUnknown, id="cut JSON"),
        pytest.param(reply(200, b"\xff\xfe"), UnexpectedReply, OutcomeUnknown, id="no text"),
        pytest.param(reply(200, []), UnexpectedReply, OutcomeUnknown, id="a list"),
        pytest.param(reply(200, b"[" * 100000), UnexpectedReply, OutcomeUnknown, id="deep JSON"),
    ],
)
def test_replies_lead_to_what_the_caller_should_do(answer, of_read, of_write):
    """The same reply means "try later" for a read and "look first" for a write."""
    for request, kind in ((READ, of_read), (WRITE, of_write)):
        with pytest.raises(kind) as caught:
            read_object(request, answer)
        assert type(caught.value) is kind
        assert request.name in str(caught.value)
        assert "jdoe" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_appliance_is_quoted_on_one_line_and_masked():
    """Its words help, its line breaks and echoed secrets do not."""
    answer = reply(400, {"errorCode": 7, "errorDescription": "bad\n value pw-canary"})
    with pytest.raises(Refused, match=r"refused \(400\): bad value \*\*\*; check the values"):
        read_object(WRITE, answer, lambda text: text.replace("pw-canary", "***"))


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        pytest.param(reply(200, {"Count": 1}), {"count": 1}, id="keys become lower-case"),
        pytest.param(reply(200, {"Result": "Success"}), {"result": "Success"}, id="success"),
        pytest.param(reply(200, {"errorCode": 0, "x": 1}), {"errorcode": 0, "x": 1}, id="code 0"),
        pytest.param(reply(204, b""), {}, id="no content"),
    ],
)
def test_good_replies_give_their_fields(answer, fields):
    """Error code nought without words is no error."""
    assert read_object(WRITE, answer) == fields


def test_a_write_that_reports_another_result_is_refused():
    """Anything but Success is a no."""
    with pytest.raises(Refused, match="result Failure"):
        read_object(WRITE, reply(200, {"Result": "Failure"}))


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        pytest.param(reply(401), True, id="401"),
        pytest.param(reply(401, b"<html>login</html>"), True, id="401 page"),
        pytest.param(
            reply(200, {"errorCode": 1, "errorDescription": "Expired token"}), True, id="in a 200"
        ),
        pytest.param(
            reply(403, {"errorCode": 1, "errorDescription": "CSRF mismatch"}), True, id="CSRF"
        ),
        pytest.param(reply(403, ERROR), False, id="403 otherwise"),
        pytest.param(reply(200, ERROR), False, id="another error in a 200"),
        pytest.param(reply(200, {"title": "my token"}), False, id="data that says token"),
        pytest.param(reply(500, {"errorCode": 1, "errorDescription": "token"}), False, id="500"),
    ],
)
def test_a_lost_session_is_recognised(answer, lost):
    """Only what was certainly turned away before any effect counts."""
    assert is_session_lost(answer) is lost


def test_a_wanted_code_is_told_from_a_lost_session():
    """The words of contract section 2.3."""
    assert is_code_wanted(
        reply(401, {"errorCode": -1, "errorDescription": "User not fully authenticated."})
    )
    assert not is_code_wanted(reply(401, {"errorCode": -1, "errorDescription": "Expired token"}))


@pytest.mark.catalogue("A31")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("7", 7.0, id="seconds"),
        pytest.param("0", 0.0, id="nought"),
        pytest.param("Mon, 02 Mar 2026 14:01:30 GMT", 90.0, id="date, against the reply's Date"),
        pytest.param("Mon, 02 Mar 2026 13:00:00 GMT", 0.0, id="past date"),
        pytest.param("-5", None, id="negative"),
        pytest.param("soon", None, id="garbage"),
        pytest.param("", None, id="absent"),
        pytest.param("1e9", None, id="float"),
        pytest.param("9" * 40, None, id="absurd"),
        pytest.param("٣", None, id="other digits"),
    ],
)
def test_retry_after_is_read_in_both_forms(text, seconds):
    """Seconds or a date; what cannot be read leaves the client to its own backoff."""
    answer = reply(503, retry_after=text, date="Mon, 02 Mar 2026 14:00:00 GMT")
    assert read_retry_after(answer) == seconds


def test_a_date_without_the_appliance_date_cannot_be_counted_from():
    """The local clock may be wrong, so it is not used for this."""
    assert read_retry_after(reply(503, retry_after="Mon, 02 Mar 2026 14:01:30 GMT")) is None


@pytest.mark.parametrize("fields", [{}, {"tickets": None}, {"tickets": {}}, {"tickets": [1]}])
def test_a_missing_list_never_reads_as_no_rows(fields):
    """An answer without the list is not an empty desk."""
    with pytest.raises(UnexpectedReply, match="without a list of Tickets"):
        read_rows(READ, fields, "Tickets")


def test_rows_come_with_their_count_where_there_is_one():
    """Count may be missing or a text."""
    assert read_rows(READ, {"tickets": [{}], "count": "7"}, "Tickets") == ([{}], 7)
    assert read_rows(READ, {"tickets": []}, "Tickets") == ([], None)

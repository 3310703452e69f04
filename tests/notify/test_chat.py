"""Chat services over real HTTP on loopback, as apprise speaks to each of them."""

import json
import logging
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from kace_bridge.model.message import Message, Outcome
from kace_bridge.notify.channels import Sending, channel_adapter
from kace_bridge.notify.deliver import Courier
from kace_bridge.notify.outcome import Timeouts
from tests.notify.conftest import Receiver, serving
from tests.unit.notify.messages import make_message

pytest.importorskip("apprise")
pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a key")

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = (
    "https://prod-12.westeurope.logic.azure.com:443/workflows/643a03afc9d841ed9a3e4ff2a2d5b4a0"
    "/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0"
    "&sig=s1gnatureS1gnature"
)
TEAMS_2026 = (
    "https://default0a1b.4a.environment.api.powerplatform.com:443/powerautomate/automations/direct"
    "/workflows/643a03afc9d841ed9a3e4ff2a2d5b4a0/triggers/manual/paths/invoke?api-version=1"
    "&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s1gnatureS1gnature"
)
SERVICES = {
    "slack": SLACK,
    "teams": TEAMS,
    "teams, address of 2026": TEAMS_2026,
    "json": "jsons://chat.example.org/in/s3cr3tpath",
    "mattermost": "mmosts://chat.example.org/3ccdd113474722377935511fc85d3dd4",
    "ntfy": "ntfys://chat.example.org/desk-s3cr3t",
    "discord": "discord://123456789/s3cr3ts3cr3t",
    "rocket.chat": "rockets://s3cr3ttoken1/s3cr3ttoken2@chat.example.org/#desk",
}
LINK = "https://kace.example.org/adminui/ticket.php?ID={id}"
HOSTILE = (
    "<!channel> @here <@U123> <http://evil.example|click> [x](http://evil.example)\n"
    "![i](http://evil.example/x.png) <at>bob</at> a@everyone **b** `c` jdoe@example.org\n"
)
ARMED = ("<!", "<@", "@here", "@everyone", "<http", "](", "<at>")
Answer = Callable[[BaseHTTPRequestHandler], None]
Post = Callable[..., tuple[Outcome, Receiver]]


def say(code: int, text: str, **headers: str) -> Answer:
    """An answer, always the same."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ssl.SSLContext]:
    """What a server uses that is every service at once; this machine trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = ["hooks.slack.com", "slack.com", "chat.example.org", "discord.com"]
    names += [url.split("/")[2].split(":")[0] for url in (TEAMS, TEAMS_2026)]
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-subj /CN=x -keyout {key} -out {certificate} "
        f"-addext subjectAltName={','.join(f'DNS:{name}' for name in names)}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(Path(certificate)))
        yield made


@pytest.fixture
def post(context: ssl.SSLContext) -> Iterator[Post]:
    """Post to a service that answers as told; what came of it, and what the service got."""
    running = ExitStack()

    def send(
        service: str, answer: Answer, *, private: bool = True, **changes: Any
    ) -> tuple[Outcome, Receiver]:
        made = running.enter_context(serving(answer, context))
        port = int(made.url.split(":")[2].split("/")[0])
        raw = {"kind": "chat", "service": service, "allow_private": private}
        channel = channel_adapter().validate_python(raw)
        message: Message = make_message(**{"to": "", **changes})
        with Courier(Timeouts(2, 2), lambda *_: [("127.0.0.1", port)]) as courier:
            delivery = channel.delivery(message, Sending("kb", LINK))
            return courier.deliver(delivery, private=channel.reaches_private), made

    with running:
        yield send


def texts(value: Any) -> Iterator[str]:
    """Every text within *value*."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def shown(made: Receiver) -> str:
    """All that the service shows of the one request it got."""
    ((_, _, body),) = made.requests
    return "\n".join(texts(json.loads(body)))


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.catalogue("S15")
def test_text_of_a_ticket_stays_text_in_every_service(post: Post, name: str) -> None:
    """Nobody is called, nothing hides behind words, no image is loaded; the words are all there."""
    outcome, made = post(SERVICES[name], say(200, "ok"), subject=HOSTILE, text=HOSTILE)
    assert outcome.kind == "sent"
    seen = shown(made).replace("&lt;", "<").replace("&gt;", ">")
    assert not [mark for mark in ARMED if mark in seen]
    assert "<!channel> @here" in seen.replace("\u200b", "")
    assert "jdoe@example.org" in seen


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_fetched_from_elsewhere_by_reading(post: Post, name: str) -> None:
    """No icon, no footer image: a chat room is not to tell a third party who reads."""
    _, made = post(SERVICES[name], say(200, "ok"))
    assert "github" not in repr(made.requests)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.catalogue("D10")
def test_a_service_that_is_told_too_much_is_given_the_time_it_asks_for(
    post: Post, name: str
) -> None:
    """429 with Retry-After: later, and not before that."""
    outcome, _ = post(SERVICES[name], say(429, "slow down", Retry_After="77"))
    assert (outcome.kind, outcome.retry_after) == ("retry", 77.0)


@pytest.mark.parametrize(
    ("service", "text"),
    [
        pytest.param(SLACK, "invalid_payload", id="slack webhook"),
        pytest.param("slack://xoxb-1234-1234-abcdefgh/#desk", '{"ok":false,"error":"fatal_error"}',
                     id="slack bot"),
    ],
)  # fmt: skip
@pytest.mark.catalogue("D07")
def test_a_fault_told_with_status_200_is_no_success(post: Post, service: str, text: str) -> None:
    """The message is tried again, and the operator reads what the service said."""
    outcome, _ = post(service, say(200, text))
    assert outcome.kind == "retry"
    assert "service says: " in outcome.reason
    assert text.split('"')[-2 if '"' in text else 0] in outcome.reason


@pytest.mark.parametrize(
    ("code", "kind"), [(500, "retry"), (503, "retry"), (404, "dead"), (410, "retry"), (302, "dead")]
)
@pytest.mark.catalogue("D06")
def test_a_status_means_what_it_means_to_a_webhook(post: Post, code: int, kind: str) -> None:
    """One judgement for all that goes over the web."""
    outcome, made = post(SLACK, say(code, "no", Location="https://chat.example.org/"))
    assert (outcome.kind, len(made.requests)) == (kind, 1)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.catalogue("D21")
def test_the_address_of_a_service_is_never_told(
    post: Post, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """apprise's own log quotes it, and so may a server; neither reaches an operator's screen."""
    secrets = (
        "TIiajkdnlazkcOXrIdevi7FQ",
        "s1gnature",
        "s3cr3t",
        "3ccdd113474722377935511fc85d3dd4",
    )
    with caplog.at_level(logging.DEBUG):
        outcome, made = post(SERVICES[name], say(404, "no such thing"))
        echoed, _ = post(SLACK, say(200, SLACK))
    assert made.requests
    for said in (outcome.reason, echoed.reason, caplog.text):
        assert not [secret for secret in secrets if secret in said]


def test_a_ticket_can_be_opened_from_however_long_a_message(post: Post) -> None:
    """What is cut is the text, never the link; and the cut is told."""
    link = "https://kace.example.org/adminui/ticket.php?ID=41"
    _, made = post(TEAMS, say(202, ""), text="word " * 900 + link)
    seen = shown(made)
    assert link in seen
    assert "\u2026" in seen


def test_lines_stay_lines_in_teams(post: Post) -> None:
    """Its Markdown joins lines that a single line end parts."""
    _, made = post(TEAMS, say(202, ""), text="one\ntwo\n\nthree\n")
    assert "one\n\ntwo\n\nthree" in shown(made)


def test_a_room_on_a_private_network_needs_a_permission(post: Post) -> None:
    """As a webhook does."""
    outcome, made = post(SERVICES["mattermost"], say(200, "ok"), private=False)
    assert (outcome.kind, made.requests) == ("dead", [])
    assert "allow_private" in outcome.reason


@pytest.mark.parametrize(
    ("service", "said"),
    [
        pytest.param("slak://a/b/c", "knows no service", id="a typing error"),
        pytest.param("syslog://", "kind: email", id="not over the web"),
        pytest.param("mailtos://a:s3cr3t@example.org", "kind: email", id="a mail"),
        pytest.param(
            SLACK.replace("https://hooks.slack.com/services", "slack:/") + "/#a/#b",
            "one channel for each",
            id="two rooms",
        ),
    ],
)
def test_what_is_no_room_is_refused_with_a_cure(service: str, said: str) -> None:
    """At once, when the configuration is read; the address is not quoted."""
    with pytest.raises(ValueError, match=said) as caught:
        channel_adapter().validate_python({"kind": "chat", "service": service})
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.catalogue("D08")
def test_an_endless_answer_of_a_service_is_read_no_further_than_64_kib(post: Post) -> None:
    """And what it says is no success."""
    written = [0]

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 30))
        handler.end_headers()
        with suppress(OSError):
            while written[0] < 1 << 28:
                written[0] += handler.wfile.write(b"x" * 65_536)

    outcome, _ = post(SLACK, flood)
    assert outcome.kind == "retry"
    assert written[0] < 1 << 25


@pytest.mark.catalogue("D04")
def test_a_lost_answer_is_unknown(post: Post) -> None:
    """It may have been shown: so it is sent again, and may be shown twice."""
    outcome, _ = post(SLACK, lambda handler: handler.connection.close())
    assert outcome.kind == "unknown"

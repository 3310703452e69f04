"""The appliance over real HTTP and mounted into responses: the same object, both."""

import gzip
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import responses

from kace_bridge.sandbox import Appliance, Server, serve
from tests.support.mount import mount
from tests.support.sandbox_calls import LOGIN, TICKETS, make_appliance

KEEP = {"x-kace-api-version": "8", "Accept": "application/json"}


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(make_appliance()) as running:
        yield running


@pytest.fixture
def session(server: Server) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.update(KEEP)
        login(session, server.url, server.app)
        yield session


def login(session: requests.Session, url: str, app: Appliance) -> None:
    sent = {"userName": app.settings.username, "password": app.settings.password}
    assert session.post(url + LOGIN, json=sent).status_code == 200


def test_it_listens_on_loopback_only(server: Server) -> None:
    """Nobody but this machine reaches it."""
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.control == server.url + "/sandbox"
    assert (server.username, server.organization) == ("admin", "Default")


def test_a_session_works_over_one_connection(server: Server, session: requests.Session) -> None:
    """Login, creation and reading go through a kept-alive connection."""
    reply = session.post(server.url + TICKETS, json={"Tickets": [{"hd_queue_id": 1}]})
    assert reply.json()["IDs"] == [1]
    reply = session.get(f"{server.url}{TICKETS}", params={"filtering": "id eq 1"})
    assert reply.json()["Count"] == 1
    assert reply.raw.version == 11


def test_the_date_header_follows_the_sandbox_clock(server: Server) -> None:
    """The appliance's clock can be read off any answer, errors included."""
    reply = requests.get(server.url + TICKETS, timeout=5)
    assert reply.status_code == 401
    assert reply.headers["Date"] == "Mon, 02 Mar 2026 14:00:00 GMT"
    assert reply.headers.get("Server") is None


def test_answers_are_packed_only_when_asked(server: Server, session: requests.Session) -> None:
    """gzip is spoken with Accept-Encoding: gzip and not otherwise."""
    server.app.load({"tickets": [{"title": f"ticket {n}"} for n in range(50)]})
    packed = session.get(server.url + TICKETS, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"ticket 7" in gzip.decompress(packed.raw.read(decode_content=False))
    plain = session.get(server.url + TICKETS, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert len(plain.content) == int(plain.headers["Content-Length"])


def script(server: Server, **do: object) -> None:
    fault = [{"match": {"path": f"{TICKETS}/*"}, "do": do}]
    assert requests.post(server.control + "/faults", json=fault, timeout=5).status_code == 200


def test_a_dropped_answer_is_a_lost_connection(server: Server, session: requests.Session) -> None:
    """drop_after: the write is done, its answer never comes."""
    session.post(server.url + TICKETS, json={"Tickets": [{"hd_queue_id": 1}]})
    script(server, drop_after=True)
    with pytest.raises(requests.ConnectionError):
        session.put(f"{server.url}{TICKETS}/1", json={"Tickets": [{"title": "done"}]})
    found = session.get(f"{server.url}{TICKETS}/1").json()["Tickets"][0]
    assert found["title"] == "done"
    log = requests.get(server.control + "/requests", timeout=5).json()
    assert [row["status"] for row in log if row["method"] == "PUT"] == [None]


def test_a_cut_body_is_shorter_than_announced(server: Server, session: requests.Session) -> None:
    """truncate: the full Content-Length, part of the body."""
    session.post(server.url + TICKETS, json={"Tickets": [{"hd_queue_id": 1}]})
    script(server, truncate=20)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        session.get(f"{server.url}{TICKETS}/1")


def test_a_slow_answer_holds_up_nobody_else(server: Server, session: requests.Session) -> None:
    """delay_s waits outside the lock: the caller times out, others are served."""
    session.post(server.url + TICKETS, json={"Tickets": [{"hd_queue_id": 1}]})
    script(server, delay_s=0.3)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(session.get, f"{server.url}{TICKETS}/1", timeout=0.05)
        assert requests.get(server.control + "/clock", timeout=5).status_code == 200
        with pytest.raises(requests.ReadTimeout):
            slow.result()


def test_writers_in_parallel_get_their_own_tickets(server: Server) -> None:
    """Twenty creations from eight threads are twenty tickets."""

    def create(_: int) -> int:
        url = f"{server.control}/as/admin{TICKETS}"
        reply = requests.post(url, json={"Tickets": [{"hd_queue_id": 1}]}, timeout=5)
        return int(reply.json()["IDs"][0])

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(20))) == list(range(1, 21))


def test_chunked_bodies_are_refused(server: Server) -> None:
    """A body without a Content-Length is not read (contract section 1.3)."""
    reply = requests.post(server.url + LOGIN, data=iter([b"{}"]), timeout=5)
    assert reply.status_code == 411


def test_a_client_that_hangs_up_leaves_no_trace(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed for requests, nor for connections that break."""
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(b"POST /api HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    assert requests.get(server.control + "/clock", timeout=5).status_code == 200
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_closing_frees_the_port() -> None:
    """A closed server's port can be taken at once."""
    with serve(make_appliance()) as first:
        port = first.port
    with serve(make_appliance(), port=port) as second:
        assert second.port == port


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_self_signed_certificate_is_refused_unless_trusted(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """TLS with a private certificate, as most appliances have it (contract section 1.5)."""
    pem = make_certificate(tmp_path_factory)
    with serve(make_appliance(), tls=pem) as server:
        assert server.url.startswith("https://127.0.0.1:")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(server.control + "/clock", timeout=5)
        reply = requests.get(server.control + "/clock", timeout=5, verify=str(pem))
        assert reply.status_code == 200


def make_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pem = tmp_path_factory.mktemp("tls") / "sandbox.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(pem), "-out", str(pem) + ".crt"]
    subprocess.run(command, check=True, capture_output=True)
    pem.write_text(pem.read_text() + Path(str(pem) + ".crt").read_text())
    return pem


@responses.activate
def test_the_same_appliance_mounts_into_responses() -> None:
    """One callback serves every route without a socket, faults included."""
    app = make_appliance()
    mount(responses.mock, app)
    url = "https://kace.example.org"
    with requests.Session() as session:
        session.headers.update(KEEP)
        login(session, url, app)
        reply = session.post(url + TICKETS, json={"Tickets": [{"hd_queue_id": 1}]})
        assert reply.json()["IDs"] == [1]
        for do, error in (
            ({"drop_after": True}, requests.ConnectionError),
            ({"truncate": 3}, requests.exceptions.ChunkedEncodingError),
            ({"delay_s": 60}, requests.ReadTimeout),
        ):
            requests.post(url + "/sandbox/faults", json=[{"do": do}], timeout=5)
            with pytest.raises(error):
                session.get(f"{url}{TICKETS}/1", timeout=5)
        assert session.get(f"{url}{TICKETS}/1").status_code == 200

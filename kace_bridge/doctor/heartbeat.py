"""A sign of life for a dead-man's switch: sent only where the audit found nothing."""

from collections.abc import Mapping

from kace_bridge.errors import ConfigError, RetryLater

VARIABLE = "KACE_BRIDGE_HEARTBEAT"
TIMEOUT_S = 10


def beat(environ: Mapping[str, str]) -> bool:
    """Ask for the URL in KACE_BRIDGE_HEARTBEAT; False where none is set.

    The URL is a secret of that service, so it is in no message. Raises ConfigError for one that is
    neither https nor on this machine, RetryLater where nobody answers with success.
    """
    url = environ.get(VARIABLE, "")
    if not url:
        return False
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ConfigError([f"{VARIABLE} must be an https address"])
    import requests

    try:
        with requests.get(url, timeout=TIMEOUT_S, allow_redirects=False, stream=True) as answer:
            status = answer.status_code
    except (requests.RequestException, OSError):
        status = 0
    if not 200 <= status < 300:
        raise RetryLater(f"the service behind {VARIABLE} did not answer (status {status})")
    return True

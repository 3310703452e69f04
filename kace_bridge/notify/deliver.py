"""Carry out deliveries: the only place from which a message leaves this program."""

from types import TracebackType
from typing import Self, assert_never

from kace_bridge.model.message import ChatPost, Delivery, File, HttpRequest, Mail, Outcome
from kace_bridge.notify.chat import send_chat
from kace_bridge.notify.mail_folder import write_file
from kace_bridge.notify.outcome import Timeouts
from kace_bridge.notify.smtp import SmtpServers
from kace_bridge.notify.web import Resolver, post, resolve

__all__ = ["Courier", "Timeouts", "deliver"]


class Courier:
    """Delivers for the length of one run, keeping one connection per mail server.

    Use as a context manager: leaving it says good-bye to the servers.
    """

    def __init__(self, timeouts: Timeouts | None = None, resolver: Resolver = resolve) -> None:
        self._timeouts = timeouts or Timeouts()
        self._resolver = resolver
        self._servers = SmtpServers(self._timeouts)

    def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
        """Carry out one *delivery*; never raises for what the other side or the network does.

        *private* permits web requests to this machine and to private networks. The reason of
        an outcome contains no secret.
        """
        match delivery:
            case Mail():
                return self._servers.send(delivery)
            case File():
                return write_file(delivery)
            case HttpRequest():
                return post(delivery, self._timeouts, private=private, resolver=self._resolver)
            case ChatPost():
                return send_chat(delivery, self._timeouts, private=private, resolver=self._resolver)
            case _:
                assert_never(delivery)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._servers.close()


def deliver(delivery: Delivery, timeout_s: float = 10.0, *, private: bool = False) -> Outcome:
    """Carry out one *delivery* by itself; see `Courier.deliver`."""
    with Courier(Timeouts(connect_s=timeout_s, answer_s=timeout_s)) as courier:
        return courier.deliver(delivery, private=private)

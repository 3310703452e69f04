"""A small SMA appliance, for trying things out and for tests. Imports nothing else of ours."""

from kace_bridge.sandbox.appliance import Appliance
from kace_bridge.sandbox.exchange import Reply, Request
from kace_bridge.sandbox.generate import generate
from kace_bridge.sandbox.server import Server, serve
from kace_bridge.sandbox.settings import Settings

__all__ = ["Appliance", "Reply", "Request", "Server", "Settings", "generate", "serve"]

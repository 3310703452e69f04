"""kace-bridge: routing, escalation and notification around a Quest KACE SMA service desk."""

__version__ = "0.1.0"

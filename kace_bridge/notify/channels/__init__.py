"""The kinds of channel, one per file; a new file here is a new kind."""

from kace_bridge.notify.channel import Channel, Sending, channel_adapter, channel_kinds

__all__ = ["Channel", "Sending", "channel_adapter", "channel_kinds"]

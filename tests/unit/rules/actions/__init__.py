"""Tests of kace_bridge.rules.actions."""

"""Tests of kace_bridge.rules.strategies."""

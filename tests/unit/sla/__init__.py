"""Tests of business time."""

"""Figures about the desk, and the page that shows them."""

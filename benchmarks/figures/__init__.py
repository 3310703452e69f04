"""The figures, one module each: ``p01_rules.py`` measures P1 and whatever belongs to it.

A module has ``FIGURES``, the names it answers for, and ``measure(setting) -> list[Line]``. It is
found by being here; nothing is listed anywhere.
"""

"""The rule set made ready for thousands of tickets: the same verdicts as rules/evaluate, sooner.

``evaluate`` is the reference and stays the only source of traces; nothing here gives reasons. A
condition is first written as *ways* to be met (``ways``); every way is one bit. For each field
that takes few values a *table* remembers, per value, which ways it leaves open (``table``), so
that one look-up per field answers all rules at once; keywords of all rules are looked for in one
pass over a text (``keywords``). What is left is asked of the few ways still open (``answers``).
So the cost of a ticket grows with the rules that can match it, not with the rules that exist.

Pure, like all of rules. Tables fill as values are seen, and are bounded.
"""

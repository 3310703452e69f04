"""Names of a fresh appliance's first queue: a last resort for values that no ticket uses yet.

Source: contract section 6, captured on 10.0. Sites rename and reorder, so an entry is believed
only while everything seen in the queue agrees with the table, and at least something was seen.
"""

from collections.abc import Mapping

from kace_bridge.model.ticket import State

FIRST_QUEUE = 1

FRESH: Mapping[str, Mapping[str, int]] = {
    "status": {
        "Opened": 1, "Closed": 2, "Need More Info": 3, "New": 4, "Reopened": 5,
        "Waiting Overdue": 6, "Waiting on Customer": 7, "Waiting on Third Party": 8,
    },
    "priority": {"Medium": 1, "High": 2, "Low": 3},
    "impact": {
        "1 person cannot work": 1, "Many people cannot work": 2, "1 person inconvenienced": 3,
        "Many people inconvenienced": 4,
    },
    "category": {"Network": 1, "Other": 2, "Hardware": 3, "Software": 4},
}  # fmt: skip

FRESH_STATES: Mapping[int, State] = {
    1: "opened", 2: "closed", 3: "stalled", 4: "stalled", 5: "opened", 6: "stalled",
    7: "stalled", 8: "stalled",
}  # fmt: skip


def fresh_ids(queue_id: int, field: str, name: str, seen: Mapping[str, set[int]]) -> set[int]:
    """The id *name* has on a fresh appliance, if *seen* (name to ids) nowhere says otherwise.

    Empty for other queues, for names not in the table, where nothing was seen, where a name of
    the table was seen with another id, and where the id was seen under another name.
    """
    table = FRESH.get(field, {})
    spelled = {known.casefold(): known for known in table}
    known = spelled.get(name.casefold())
    if queue_id != FIRST_QUEUE or known is None or not seen:
        return set()
    number = table[known]
    for other, ids in seen.items():
        expected = table.get(spelled.get(other.casefold(), ""))
        if number in ids or (expected is not None and ids != {expected}):
            return set()
    return {number}

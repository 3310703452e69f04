"""is, is_not, in, not_in, empty."""
# ruff: noqa: E501 (in a table, one case is one line)

from tests.unit.rules.operators.rows import Row
from tests.unit.rules.picture import make_facts, make_ticket

NO_OWNER = make_facts(make_ticket(owner=None))
NO_TITLE = make_facts(make_ticket(title=None))
NO_DUE = make_facts(make_ticket(due_date=None))
NO_CUSTOM = make_facts(make_ticket(custom_3=None))
TERSE = make_facts(make_ticket(status={"id": 1}))
ACCENT = make_facts(make_ticket(title="Cafe\u0301 STRASSE"))
BLANK = make_facts(make_ticket(title="  \n"))

ROWS = [
    Row("a status is itself whatever the case", "status", "is", "OPENED", "yes"),
    Row("a status is no other", "status", "is", "Closed", "no"),
    Row("a status without its name is not known", "status", "is", "Opened", "unknown", TERSE),
    Row("an owner is compared by login name", "owner", "is", "ADIAZ", "yes"),
    Row("nobody is not somebody", "owner", "is", "adiaz", "no", NO_OWNER),
    Row("accents match in either encoding, and ß is ss", "title", "is", "café straße", "yes", ACCENT),
    Row("a day is all of that day", "created", "is", "2026-03-09", "yes"),
    Row("a day is not the day before", "created", "is", "2026-03-08", "no"),
    Row("a time is that second", "created", "is", "2026-03-09T09:00", "yes"),
    Row("a time with a zone is read in it", "created", "is", "2026-03-09T13:00+00:00", "yes"),
    Row("a number is itself", "hd_queue_id", "is", 1, "yes"),
    Row("an absent custom field is not known", "custom_3", "is", "x", "unknown", NO_CUSTOM),
    Row("another priority is not High", "priority", "is_not", "High", "yes"),
    Row("the same priority is not something else", "priority", "is_not", "medium", "no"),
    Row("nobody is not adiaz", "owner", "is_not", "adiaz", "yes", NO_OWNER),
    Row("an unread title is not known to differ", "title", "is_not", "x", "unknown", NO_TITLE),
    Row("one of the list is in", "status", "in", ["New", "opened"], "yes"),
    Row("none of the list is not in", "status", "in", ["New", "Closed"], "no"),
    Row("nobody is in no list", "owner", "in", ["adiaz"], "no", NO_OWNER),
    Row("an unread status is in no known list", "status", "in", ["New"], "unknown", TERSE),
    Row("numbers can be listed", "hd_queue_id", "in", [1, 4], "yes"),
    Row("days can be listed", "created", "in", ["2026-03-01", "2026-03-09"], "yes"),
    Row("outside the list is not in", "category", "not_in", ["Hardware"], "yes"),
    Row("inside the list is not outside", "category", "not_in", ["network::vpn"], "no"),
    Row("nobody is outside every list", "owner", "not_in", ["adiaz"], "yes", NO_OWNER),
    Row("an unread status is not known outside", "status", "not_in", ["New"], "unknown", TERSE),
    Row("no owner is empty", "owner", "empty", True, "yes", NO_OWNER),
    Row("an owner is not empty", "owner", "empty", True, "no"),
    Row("an owner fills the field", "owner", "empty", False, "yes"),
    Row("no due date is empty", "due_date", "empty", True, "yes", NO_DUE),
    Row("an empty text is empty", "cc_list", "empty", True, "yes"),
    Row("a blank text is empty", "title", "empty", True, "yes", BLANK),
    Row("an absent resolution is empty", "resolution", "empty", True, "yes"),
    Row("a custom field not sent may hold anything", "custom_3", "empty", True, "unknown", NO_CUSTOM),
    Row("a person named only by number is somebody", "owner", "empty", True, "no",
        make_facts(make_ticket(owner={"id": 9}))),
]  # fmt: skip

"""A fresh appliance's service desk. Source: contract section 6."""

from collections.abc import Mapping

from kace_bridge.sandbox.data import Category, Field, Impact, Priority, Queue, Status, User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.hours import hours_of
from kace_bridge.sandbox.settings import Settings

QUEUE_NAME = "The K1000 Service Desk"

STATUSES = (  # id, name, ordinal, state
    (4, "New", 0, "stalled"),
    (1, "Opened", 1, "opened"),
    (5, "Reopened", 2, "opened"),
    (2, "Closed", 3, "closed"),
    (3, "Need More Info", 4, "stalled"),
    (6, "Waiting Overdue", 5, "stalled"),
    (7, "Waiting on Customer", 6, "stalled"),
    (8, "Waiting on Third Party", 7, "stalled"),
)
PRIORITIES = ((2, "High", 0, "red", 30), (1, "Medium", 1, "", 0), (3, "Low", 2, "gray", 0))
IMPACTS = (
    (2, "Many people cannot work", 0),
    (4, "Many people inconvenienced", 1),
    (1, "1 person cannot work", 2),
    (3, "1 person inconvenienced", 3),
)
CATEGORIES = ((1, "Network"), (2, "Other"), (3, "Hardware"), (4, "Software"))
DEFAULTS = {
    "status": "New",
    "priority": "Medium",
    "category": "Other",
    "impact": "1 person cannot work",
}

FIELDS = (  # name, JSON key, ordinal, label, type, column, visible, required
    ("SAT_SURVEY", "sat_survey", 0, "Please tell us", "survey", "", "hidden", "none"),
    ("TITLE", "title", 1, "Title", "text", "TITLE", "usercreate", "all"),
    ("SUMMARY", "summary", 2, "Summary", "text", "SUMMARY", "usercreate", "none"),
    ("IMPACT", "impact", 3, "Impact", "impact", "HD_IMPACT_ID", "usercreate", "none"),
    ("CATEGORY", "category", 4, "Category", "category", "HD_CATEGORY_ID", "usercreate", "none"),
    ("STATUS", "status", 5, "Status", "status", "HD_STATUS_ID", "uservisible", "none"),
    ("PRIORITY", "priority", 6, "Priority", "priority", "HD_PRIORITY_ID", "uservisible", "none"),
    ("OWNER", "owner", 7, "Owner", "owner", "OWNER_ID", "uservisible", "none"),
    ("MACHINE", "machine", 8, "Device", "machine", "MACHINE_ID", "usercreate", "none"),
    ("ASSET", "asset", 9, "Asset", "asset", "ASSET_ID", "uservisible", "none"),
    ("RESOLUTION", "resolution", 27, "Resolution", "text", "RESOLUTION", "uservisible", "none"),
    ("DUE_DATE", "due_date", 28, "Due", "date", "DUE_DATE", "uservisible", "none"),
    ("CC_LIST", "cc_list", 29, "CC List", "text", "CC_LIST", "userhidden", "none"),
    ("CREATED", "", 30, "Created", "date", "CREATED", "uservisible", "none"),
    ("MODIFIED", "", 31, "Modified", "date", "MODIFIED", "uservisible", "none"),
    ("SUBMITTER", "submitter", 32, "Submitter", "submitter", "SUBMITTER_ID", "usercreate", "none"),
    (
        "SEE_ALSO",
        "related_tickets",
        33,
        "See Also",
        "ticket_array",
        "RELATED_TICKET_IDS",
        "userhidden",
        "none",
    ),
    ("REFERRERS", "", 34, "Referrers", "ticket_array", "", "userhidden", "none"),
)
CUSTOM_FIELDS = 16
FIRST_CUSTOM_ORDINAL = 10


def fresh_desk(settings: Settings, stamp: str) -> Desk:
    """The captured default queue and its one account (id 10), no tickets."""
    desk = Desk(hours_of(settings))
    desk.users[10] = User(
        10,
        settings.username,
        "System Administrator",
        f"{settings.username}@example.org",
        settings.password,
        settings.role,
        settings.helpdesk,
        created=stamp,
        modified=stamp,
    )
    add_queue(desk, 1, QUEUE_NAME, settings.submitter_required)
    return desk


def add_queue(desk: Desk, queue_id: int, name: str, submitter_required: bool = False) -> Queue:
    """A queue with its own copies of every choice; the first keeps the captured ids."""
    queue = Queue(queue_id, name)
    queue.fields = queue_fields(queue_id, submitter_required)
    desk.queues[queue_id] = queue
    add_statuses(desk, queue_id)
    add_priorities(desk, queue_id)
    add_impacts(desk, queue_id)
    add_categories(desk, queue_id)
    for kind, table in choice_tables(desk).items():
        wanted = DEFAULTS[kind]
        found = next(c.id for c in table.values() if c.hd_queue_id == queue_id and c.name == wanted)
        setattr(queue, f"default_{kind}_id", found)
    desk.revision += 1
    return queue


def add_statuses(desk: Desk, queue_id: int) -> None:
    numbers = _numbers(desk.statuses, [row[0] for row in STATUSES])
    for number, (_, name, ordinal, state) in zip(numbers, STATUSES, strict=True):
        desk.statuses[number] = Status(number, queue_id, name, ordinal, state)


def add_priorities(desk: Desk, queue_id: int) -> None:
    numbers = _numbers(desk.priorities, [row[0] for row in PRIORITIES])
    for number, (_, name, ordinal, color, minutes) in zip(numbers, PRIORITIES, strict=True):
        desk.priorities[number] = Priority(number, queue_id, name, ordinal, color, minutes)


def add_impacts(desk: Desk, queue_id: int) -> None:
    numbers = _numbers(desk.impacts, [row[0] for row in IMPACTS])
    for number, (_, name, ordinal) in zip(numbers, IMPACTS, strict=True):
        desk.impacts[number] = Impact(number, queue_id, name, ordinal)


def add_categories(desk: Desk, queue_id: int) -> None:
    # Backwards, because a second queue was seen with Software as its first id.
    rows = CATEGORIES[::-1]
    numbers = _numbers(desk.categories, [row[0] for row in rows])
    for number, (ordinal, name) in zip(numbers, rows, strict=True):
        desk.categories[number] = Category(number, queue_id, name, ordinal)


def choice_tables(
    desk: Desk,
) -> dict[str, dict[int, Status] | dict[int, Priority] | dict[int, Impact] | dict[int, Category]]:
    """The four tables whose ids belong to a queue, by the ticket key that points at them."""
    return {
        "status": desk.statuses,
        "priority": desk.priorities,
        "category": desk.categories,
        "impact": desk.impacts,
    }


def queue_fields(queue_id: int, submitter_required: bool) -> list[Field]:
    """All 34 fields of a queue, custom ones hidden until enabled."""
    shift = (queue_id - 1) * 100
    fields = [
        Field(ordinal + 1 + shift, queue_id, name, key, ordinal, label, kind, column, shown, need)
        for name, key, ordinal, label, kind, column, shown, need in FIELDS
    ]
    for number in range(1, CUSTOM_FIELDS + 1):
        ordinal = FIRST_CUSTOM_ORDINAL + number - 1
        fields.append(
            Field(
                ordinal + 1 + shift,
                queue_id,
                f"CUSTOM_{number}",
                f"custom_{number}",
                ordinal,
                f"Custom {number}",
                "text",
                f"CUSTOM_FIELD_VALUE{number - 1}",
                "hidden",
                "none",
            )
        )
    if submitter_required:
        next(f for f in fields if f.name == "SUBMITTER").required = "all"
    return sorted(fields, key=lambda f: f.ordinal)


def _numbers(table: Mapping[int, object], captured: list[int]) -> list[int]:
    """The captured ids for the first queue, fresh ones for every later queue."""
    if not table:
        return captured
    return list(range(max(table) + 1, max(table) + 1 + len(captured)))

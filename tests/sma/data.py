"""A small desk: two queues, five people, tickets of every state."""

from typing import Any

QUEUE, SECOND = 1, 2
PEOPLE = ("adiaz", "bkim", "jdoe")


def ticket(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "hd_queue_id": QUEUE,
        "title": f"Ticket {number}",
        "submitter": "jdoe",
        "created": f"2026-03-02 09:{number % 60:02}:00",
        "modified": f"2026-03-02 10:{number % 60:02}:00",
        **changes,
    }


DESK: dict[str, Any] = {
    "users": [
        {"id": 12, "user_name": "jdoe", "full_name": "Jane Doe", "email": "jdoe@example.org",
         "location": "Annex"},
        {"id": 20, "user_name": "adiaz", "full_name": "Ana Diaz", "email": "adiaz@example.org"},
        {"id": 21, "user_name": "bkim", "full_name": "Bo Kim", "email": "bkim@example.org"},
        {"id": 22, "user_name": "gone", "full_name": "Gone Long", "email": "", "is_archived": 1},
    ],
    "queues": [
        {"id": QUEUE, "name": "The K1000 Service Desk", "owners": ["adiaz", "bkim"]},
        {"id": SECOND, "name": "Facilities", "owners": ["bkim"]},
    ],
    "tickets": [
        ticket(41, title="VPN drops", summary="<p>Every&nbsp;hour</p>", owner="adiaz",
               status="Opened", priority="High", category="Network",
               modified="2026-03-02 11:00:00",
               changes=[
                   {"timestamp": "2026-03-02 09:41:00", "user": "jdoe"},
                   {"timestamp": "2026-03-02 11:00:00", "user": "adiaz",
                    "comment": "<p>Looking &amp; waiting</p>", "owners_only": 1},
               ]),
        ticket(42, status="Closed", owner="bkim", resolution="<p>Done</p>"),
        ticket(43, status="New", priority="Low"),
        ticket(44, hd_queue_id=SECOND, title="Lamp", status="Opened"),
    ],
}  # fmt: skip

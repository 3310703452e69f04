"""People, places and troubles of an invented university, for generated desks."""

from dataclasses import dataclass
from importlib import resources

LOCATIONS = ("Annex", "Main Campus", "Library", "Science Hall", "Health Center", "Administration")

# user_name, full name, what they work on
ENGINEERS = (
    ("adiaz", "Ana Diaz", "desk"),
    ("bkim", "Brian Kim", "desk"),
    ("cwong", "Carol Wong", "desk"),
    ("dlee", "Dana Lee", "css"),
    ("epark", "Evan Park", "css"),
    ("fruiz", "Felipe Ruiz", "network"),
    ("gcho", "Grace Cho", "network"),
    ("hpatel", "Hema Patel", "applications"),
    ("iross", "Ian Ross", "applications"),
    ("jmoran", "Julia Moran", "desk"),
    ("kolsen", "Karl Olsen", "network"),
    ("lsantos", "Livia Santos", "applications"),
)

FIRST_NAMES = (
    "Jane", "Omar", "Mei", "Lucas", "Priya", "Tom", "Fatima", "Noah", "Elena", "Kwame", "Sofia",
    "Hiro", "Maria", "Ben", "Aisha", "Viktor", "Chloe", "Diego", "Ruth", "Samir", "Ingrid", "Paul",
    "Nadia", "Leo",
)  # fmt: skip
LAST_NAMES = (
    "Doe", "Haddad", "Chen", "Moreau", "Sharma", "Baker", "Rahman", "Schmidt", "Petrova", "Mensah",
    "Rossi", "Tanaka", "Garcia", "Carter", "Khan", "Novak", "Dubois", "Alvarez", "Green", "Nasser",
    "Berg", "O'Neil", "Ivanova", "Silva",
)  # fmt: skip

CATEGORIES = (
    "Network",
    "Other",
    "Hardware",
    "Software",
    "Network::VPN",
    "Network::Wireless",
    "Network::Telephone",
    "Hardware::Printer",
    "Hardware::Laptop",
    "Hardware::Classroom",
    "Software::E-mail",
    "Software::Student Records",
    "Software::Licences",
    "Other::Account",
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """*team* is who usually solves it; braces are filled with a place or a number."""

    category: str
    team: str
    title: str
    summary: str
    resolution: str


def read_troubles() -> tuple[Trouble, ...]:
    """What people write in about, from the text file beside this module."""
    text = resources.files("kace_bridge.sandbox").joinpath("troubles.txt").read_text("utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if not line.startswith("#")]
    return tuple(Trouble(*row) for row in rows)


FIRST_ANSWERS = (
    "Thanks for writing in. I am looking into it.",
    "I have picked this up and will come by today.",
    "Checked remotely, I can see the problem and am working on it.",
    "Hello, thanks for the report. Could be related to this morning's change, checking.",
)
QUESTIONS = (
    "Could you tell me the device name on the sticker underneath?",
    "Does it also happen on another computer? Please let me know.",
    "When would be a good time to call you?",
    "Could you send a picture of the message?",
)
REPLIES = (
    "It says HOST-{n}. Thanks!",
    "Yes, same thing on my colleague's machine.",
    "Tomorrow after 10 would be fine.",
    "Just tried again, still the same :-(",
)
VENDOR_NOTES = (
    "Part ordered, the vendor promises delivery in two days.",
    "Case {n} opened with the vendor.",
)
STAFF_NOTES = (
    "Seen this twice this week, see also the other ticket.",
    "Device is out of warranty since last spring.",
    "User was upset on the phone, please handle quickly.",
)
REOPEN_NOTES = (
    "Sorry, it is back this morning. Please have another look.",
    "This is not solved, same message again.",
)
PROGRESS_NOTES = (
    "Tried the usual things, no change so far. Continuing tomorrow.",
    "Replaced the cable and updated the driver; watching it.",
)

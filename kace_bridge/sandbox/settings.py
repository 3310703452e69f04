"""Every choice a sandbox appliance leaves open, with the contract's default."""

from dataclasses import dataclass
from typing import Literal

Generation = Literal["A", "B", "C"]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one appliance behaves.

    Numbers in comments are the points of contract section 9. A switch whose truth on a real
    appliance is unknown is off unless the contract chose otherwise; durations carry their unit
    in the name; times without a zone are appliance-local.
    """

    generation: Generation = "C"  # header, cookie and CSRF family (contract section 1.1)
    seed: int = 1  # makes session tokens repeatable
    timezone: str = "America/New_York"  # 62: dates in bodies are local to this and carry no zone
    locale: str = "en"  # 46: language of history sentences: en, pt, de
    latency_s: float = 0.0  # 63: added to every answer

    # Accounts and sessions: points 1 to 16
    organization: str = "Default"
    more_organizations: tuple[str, ...] = ()
    username: str = "admin"
    password: str = "sandbox-password"  # noqa: S105 -- the published password of a loopback toy
    role: str = "administrator"  # administrator | readonly | owner | user
    helpdesk: str = ""  # READ | WRITE | HIDE overrides what the role gives the login user
    two_factor: bool = False
    totp_seed: str = "JBSWY3DPEHPK3PXP"  # base32, as shown by an authenticator set-up page
    two_factor_routes: tuple[str, ...] = ("verify_2factor", "verify_2fa")  # 10, U4
    session_ttl_s: int = 3600  # 9, U3: of inactivity
    session_slides: bool = True
    require_version_header: bool | None = None  # 1: None means generations A and B only
    csrf_status: int = 403  # 2, U1
    kace_authorization: Literal["off", "answered", "required"] = "off"  # contract section 1.1

    # Reading: points 17 to 30
    offset_ignored_on: tuple[str, ...] = ()  # 30: plural names, such as "Machines"
    related_shaping_500: bool = False  # 29: what 10.0 did
    custom_fields_in_lists: bool = True  # Q13: False is what 10.0 did
    page_limit: int = 0  # U12: largest page answered; 0 is none
    unknown_ticket: Literal["404", "empty"] = "404"  # 45, U8
    times_shown: bool = False  # U14: escalated, time_opened ... under "hd_ticket all"
    errors_in_200: bool = False  # Q27

    # Writing: points 31 to 49
    update_verbs: Literal["both", "PUT", "POST"] = "both"  # 37
    submitter_required: bool = False  # 35
    foreign_reference: Literal["400", "ignore"] = "400"  # 36, U10
    queue_move: Literal["strict", "map"] = "strict"  # 43: map finds the same name, or the default
    owners_only_stored: bool = True  # 38, U7
    owner_label_enforced: bool = False  # U20
    due_date_lost_on_update: bool = False  # Q26
    modified_moves_on_comment: bool = True  # U13
    required_fields_enforced: bool = True  # 49

    # What the appliance does by itself (58-61); e-mail events silent in the contract are off
    email_events: tuple[Pair, ...] = ()  # (recipient, event), see contract section 6
    business_hours: tuple[tuple[int, str, str], ...] = (  # (weekday, from, to), Monday is 0
        (0, "08:00", "17:00"),
        (1, "08:00", "17:00"),
        (2, "08:00", "17:00"),
        (3, "08:00", "17:00"),
        (4, "08:00", "17:00"),
    )
    holidays: tuple[str, ...] = ()  # local dates
    business_hours_for_escalation: bool = False
    business_hours_for_sla: bool = False
    category_default_owner: bool = True  # contract section 7.5
    rule_reopen_on_reply: bool = False  # closed + comment by a non-owner = Reopened
    rule_customer_responded: bool = False  # waiting + comment by the submitter = Opened
    rule_waiting_overdue_days: int = 0  # waiting this long = Waiting Overdue; 0 is off
    rule_overdue_close_days: int = 0  # Waiting Overdue this long = Closed; 0 is off
    rules_write_history: bool = False  # the rules are SQL: no change row
    rules_move_modified: bool = True  # MODIFIED is "on update current_timestamp"
    archive_after_days: int = 0  # closed this long leaves the live list; 0 is never

"""Every command there is: its name, where it lives, what it does in one line.

A table instead of imports, so that ``--help`` costs no more than this file. A new command is one
file and one line here.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    """A command's full name (``rules check``), its ``module:attribute`` and its one-line help."""

    name: str
    target: str
    help: str


def _entry(name: str, home: str, summary: str) -> Entry:
    return Entry(name, f"kace_bridge.cli.{home}", summary)


SECTIONS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("Start", (
        _entry("demo", "demo:demo",
               "Play the whole incident process on a practice appliance."),
        _entry("init", "init:init", "Write rules to start from into this folder."),
        _entry("doctor", "doctor:doctor", "Is everything in place? What to do where it is not."),
    )),
    ("Sync", (
        _entry("sync", "sync:sync", "Read what changed, decide, write and send."),
        _entry("watch", "watch:watch", "Sync again and again in one process."),
        _entry("plan", "plan:plan", "Show what a sync would do, without doing it."),
        _entry("apply", "apply:apply", "Carry out a plan that was written to a file."),
        _entry("approve", "approve:approve", "Let a held run go ahead."),
        _entry("retry", "retry:retry", "Let rules that gave way write to a ticket again."),
        _entry("resync", "resync:resync", "Leave safe mode: the appliance is to be trusted again."),
        _entry("undo", "undo:undo", "Take a run back, where nobody touched it since."),
        _entry("runs list", "runs:runs_list", "The latest runs, newest first."),
        _entry("runs show", "runs:runs_show", "What one run decided and what became of it."),
    )),
    ("Tickets", (
        _entry("list", "list:list_tickets", "Tickets as the appliance has them now."),
        _entry("show", "show:show", "One ticket with its history."),
        _entry("submit", "submit:submit", "Log a call and print its number."),
        _entry("assign", "assign:assign", "Give tickets to a person, or to a team that picks."),
        _entry("take", "take:take", "Make tickets yours."),
        _entry("escalate", "escalate:escalate",
               "Hand tickets to a team or a person, with a reason."),
        _entry("ask", "ask:ask", "Ask the submitter, and wait for the answer."),
        _entry("note", "note:note", "Write a note on tickets."),
        _entry("close", "close:close", "Close tickets with a resolution."),
        _entry("reopen", "reopen:reopen", "Open closed tickets again."),
        _entry("link", "link:link", "Say which larger problem tickets are part of."),
        _entry("ack", "ack:ack", "Say that a ticket is in hand: escalation waits."),
    )),
    ("Insight", (
        _entry("explain", "explain:explain",
               "Why a ticket got what it got, and why not something else."),
        _entry("simulate", "simulate:simulate",
               "What comes for a ticket if nothing else happens, with dates."),
        _entry("timeline", "timeline:timeline",
               "A ticket's clocks: what ran, what paused, what comes."),
        _entry("handover", "handover:handover", "What the next shift must know."),
        _entry("report", "report:report", "How the desk does, in figures and as a page."),
    )),
    ("Rules", (
        _entry("rules check", "rules_check:rules_check",
               "Find every mistake in the configuration."),
        _entry("rules test", "rules_test:rules_test",
               "Run the tests written beside the rules."),
        _entry("rules docs", "rules_docs:rules_docs", "The rules in plain sentences."),
        _entry("rules replay", "rules_replay:rules_replay",
               "What these rules would have done with recorded history."),
        _entry("rules diff", "rules_diff:rules_diff",
               "The tickets whose outcome another version changes."),
        _entry("rules stats", "rules_stats:rules_stats",
               "Which rules match, which never did, which need a review."),
        _entry("rules schema", "rules_schema:rules_schema",
               "A JSON Schema of the configuration, for editors."),
    )),
    ("Operate", (
        _entry("outbox list", "outbox:outbox_list", "Messages waiting or failed."),
        _entry("outbox show", "outbox:outbox_show", "One message in full."),
        _entry("outbox retry", "outbox:outbox_retry", "Send a failed message after all."),
        _entry("outbox drop", "outbox:outbox_drop", "Give a message up."),
        _entry("away add", "away:away_add", "Somebody is away: give them no work."),
        _entry("away list", "away:away_list", "Who is away, now and later."),
        _entry("away end", "away:away_end", "Somebody is back."),
        _entry("silence add", "silence:silence_add", "Send no messages that fit, for a while."),
        _entry("silence list", "silence:silence_list", "What is silenced, until when and why."),
        _entry("silence expire", "silence:silence_expire", "End a silence now."),
        _entry("state backup", "state:state_backup", "Copy the store, at any time."),
        _entry("state adopt", "state:state_adopt", "Count another bridge's past as ours."),
        _entry("state copy", "state:state_copy", "Move the store to another database."),
        _entry("state verify", "state:state_verify", "Compare the store with what was recorded."),
        _entry("state forget", "state:state_forget", "Remove the words and people of a ticket."),
        _entry("state prune", "state:state_prune", "Remove what was over long ago."),
        _entry("sandbox serve", "sandbox_serve:sandbox_serve",
               "Run a practice appliance on this machine."),
    )),
)  # fmt: skip

GROUPS = {
    "state": "Care for the store.",
    "silence": "What is not sent for a while.",
    "away": "Who is given no work.",
    "outbox": "Messages on their way out.",
    "rules": "Check and test the rules.",
    "runs": "What earlier runs did.",
    "sandbox": "A practice appliance.",
}
"""What the first word of two-word commands is about."""


def entries() -> tuple[Entry, ...]:
    """All commands in the order of the help."""
    return tuple(entry for _, section in SECTIONS for entry in section)

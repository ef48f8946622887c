"""Who may vote, what counts, and until when."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_RULES = "commands/test_approval_rules.py::"
_WORDS = "commands/test_approvals.py::"
_VOTERS = "commands/test_approval_voters.py::"
_GATE = "commands/test_approval_gate.py::"
_RENAMED = "test_a_renamed_voter_is_not_counted_and_the_name_gives_nobody_a_vote"

# fmt: off
PURE = Mutant.of(
    "bot/approvals.py",
    "commands/test_approval_gate.py",
    ("_no_say", "policy.on_call(person, at, terms.opened)", "policy.on_call(person, at)",
     "commands/test_oncall.py::test_nobody_comes_on_call_for_a_plan_they_have_already_seen"),
    ("tally", "_who(vote.person, policy)", "vote.person",
     "test_two_accounts_of_one_person_are_one_vote"),
    ("tally", "_still(vote, policy, terms, at)", "True",
     "test_a_shift_that_ends_between_the_vote_and_the_start_takes_the_vote_with_it"),
)

SEEN = (
    *Mutant.of(
        "bot/judge.py",
        "commands/test_approval_rules.py",
        ("Judge.__init__", "Steady(clock)", 'type("", (), {"now": lambda _, key: clock.now()})()',
         "test_a_clock_that_is_set_back_prolongs_nothing"),
        ("Judge.answer", "flight.started", "False",
         "test_after_the_start_it_is_too_late_and_abort_is_named"),
        ("Judge.answer", "not vote.on_call", "False", "test_a_hand_that_vanishes_releases_nothing"),
        ("_too_late", "record.state is State.VOID", "False",
         _VOTERS + "test_a_vote_on_a_plan_that_was_made_anew_is_told_so"),
        ("_too_late", "record.state.closed", "False",
         "test_a_late_vote_is_told_what_was_decided"),
        ("_too_late", "flight.started", "False",
         _VOTERS + "test_a_vote_while_it_runs_is_told_so"),
    ),
    *Mutant.of(
        "bot/ballots.py",
        "commands/test_approval_rules.py",
        ("Ballots._read", "sent", "False",
         "test_a_message_that_was_tampered_with_voids_its_votes[deleted]"),
        ("Ballots._read",
         "approvals.tampered(message, flight.approval_text, record.room_id, self._houston.id)",
         '""', "test_a_message_that_was_tampered_with_voids_its_votes[rewritten]"),
        ("Ballots.sweep", "await self.observe(record)", "None",
         _VOTERS + "test_a_vote_the_stream_never_told_of_is_found"),
        ("Ballots.say", "record.room_id not in {LOCAL, room_id}", "False",
         "test_a_vote_in_words_counts_only_in_the_room_that_asked"),
        ("Ballots.say", "account.id != actor.id", "False",
         _VOTERS + "test_a_vote_in_words_is_of_the_account_and_not_of_the_name"),
        ("Ballots.confirmed", "await self._same(account_id, username)", "True", _RENAMED),
        ("Ballots._same", "account.id == account_id", "True", _RENAMED),
        ("Ballots._same", "account.active", "True",
         _VOTERS + "test_an_account_that_changes_after_its_vote_takes_the_vote_along"),
        ("Ballots._same", "account.kind is Kind.PERSON", "True",
         _VOTERS + "test_an_account_that_changes_after_its_vote_takes_the_vote_along"),
        ("Ballots._observed", 'account_room(vote) if not vote.counted else ""', '""',
         _GATE + "test_the_requesters_second_account_never_approves"),
        ("Ballots._control", "vote.present or vote.on_call", "True",
         _VOTERS + "test_a_hand_lowered_by_a_stranger_does_not_let_it_run_on"),
        ("Ballots._wake", "self._woken.get(record.id) != key", "False",
         _WORDS + "test_approve_does_what_the_reaction_does"),
    ),
    *Mutant.of(
        "adapters/store_tables.py",
        "adapters/test_store_disk.py",
        ("", "(votes, audit)", "(audit,)", "test_nobody_changes_what_was_voted"),
    ),
    *Mutant.of(
        "bot/roster.py",
        "core/test_roster.py",
        ("on_duty", "duty.instead == person.id", "False",
         "commands/test_oncall.py::test_who_was_relieved_does_not_approve"),
    ),
)
# fmt: on

BALLOTS = (*PURE, *SEEN)

"""Who may vote, what counts, and until when."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_RULES = "commands/test_approval_rules.py::"
_VOTERS = "commands/test_approval_voters.py::"
_GATE = "commands/test_approval_gate.py::"
_TALLY = "core/test_tally.py::"
_RENAMED = "test_a_renamed_voter_is_not_counted_and_the_name_gives_nobody_a_vote"
_CHANGED = "test_an_account_that_changes_after_its_vote_takes_the_vote_along"

# fmt: off
PURE = Mutant.of(
    "bot/approvals.py",
    "core/test_tally.py",
    (3, "_no_say", "person is policy.person(terms.requester)", "person.id == terms.requester",
     "test_whoever_asked_by_another_account_does_not_approve_either"),
    (4, "_no_say", "policy.on_call(person, at, terms.opened)", "policy.on_call(person, at)",
     "commands/test_oncall.py::test_nobody_comes_on_call_for_a_plan_they_have_already_seen"),
    (3, "tally", "_who(vote.person, policy)", "vote.person",
     _GATE + "test_two_accounts_of_one_person_are_one_vote"),
    (4, "tally", "_still(vote, policy, terms, at)", "True",
     _GATE + "test_a_shift_that_ends_between_the_vote_and_the_start_takes_the_vote_with_it"),
    (9, "tally", "approving.pop(who, None)", "None",
     "test_a_denial_stays_an_approval_does_not_and_a_hold_takes_somebody_on_call"),
    (9, "_held", "standing.pop(who, None)", "None",
     "test_a_denial_stays_an_approval_does_not_and_a_hold_takes_somebody_on_call"),
    (11, "choice", "_CHOICES.get(_TONE.sub(\"\", emoji.strip(\":\").lower()))",
     "_CHOICES.get(_TONE.sub(\"\", emoji.strip(\":\").lower()), Choice.APPROVE)",
     "test_houstons_own_seeds_are_no_votes"),
    (11, "choice", '_TONE.sub("", emoji.strip(":").lower())', 'emoji.strip(":")',
     "test_an_emoji_means_what_the_list_says_and_nothing_else"),
    (8, "_inside", "terms.opened <= vote.at < terms.expires", "True",
     "test_a_vote_for_another_thing_or_time_is_none"),
    (13, "tampered", "message.room_id != room_id", "False",
     "test_a_message_that_was_touched_is_named"),
)

SEEN = (
    *Mutant.of(
        "bot/judge.py",
        "commands/test_approval_rules.py",
        (14, "Judge.__init__", "Steady(clock)",
         'type("", (), {"now": lambda _, key: clock.now()})()',
         "test_a_clock_that_is_set_back_prolongs_nothing"),
        (9, "Judge.answer", "flight.started", "False",
         "test_after_the_start_it_is_too_late_and_abort_is_named"),
        (20, "Judge.answer", "not vote.on_call", "False",
         "test_a_hand_that_vanishes_releases_nothing"),
        (16, "_too_late", "record.state is State.VOID", "False",
         _VOTERS + "test_a_vote_on_a_plan_that_was_made_anew_is_told_so"),
        (16, "_too_late", "record.state.closed", "False",
         "test_a_late_vote_is_told_what_was_decided"),
        (16, "_too_late", "flight.started", "False",
         _VOTERS + "test_a_vote_while_it_runs_is_told_so"),
    ),
    *Mutant.of(
        "bot/ballots.py",
        "commands/test_approval_voters.py",
        (12, "Ballots._read", "sent", "False",
         _RULES + "test_a_message_that_was_tampered_with_voids_its_votes[deleted]"),
        (12, "Ballots._read",
         "approvals.tampered(message, flight.approval_text, record.room_id, self._houston.id)",
         '""', _RULES + "test_a_message_that_was_tampered_with_voids_its_votes[rewritten]"),
        (15, "Ballots.sweep", "await self.observe(record)", "None",
         "test_a_vote_the_stream_never_told_of_is_found"),
        (13, "Ballots.say", "record.room_id not in {*DOORS, room_id}", "False",
         _RULES + "test_a_vote_in_words_counts_only_in_the_room_that_asked"),
        (1, "Ballots.say", "account.id != actor.id", "False",
         "test_a_vote_in_words_is_of_the_account_and_not_of_the_name"),
        (2, "Ballots.confirmed", "await self._same(account_id, username)", "True",
         _RULES + _RENAMED),
        (2, "Ballots._same", "account.id == account_id", "True", _RULES + _RENAMED),
        (2, "Ballots._same", "account.active", "True", _CHANGED),
        (2, "Ballots._same", "account.kind is Kind.PERSON", "True", _CHANGED),
        (16, "Ballots._observed", 'account_room(vote) if not vote.counted else ""', '""',
         _GATE + "test_the_requesters_second_account_never_approves"),
        (20, "Ballots._control", "not vote.counted", "False",
         "test_a_hand_raised_by_a_bot_does_not_hold_what_runs"),
        (20, "Ballots._control", "vote.present or vote.on_call", "True",
         "test_a_hand_lowered_by_a_stranger_does_not_let_it_run_on"),
        (10, "Ballots._wake", "votes and not record.state.closed", "False",
         "commands/test_approvals.py::test_approve_does_what_the_reaction_does"),
    ),
    *Mutant.of(
        "adapters/store_tables.py",
        "adapters/test_store_disk.py",
        (8, "", "(votes, audit)", "(audit,)", "test_nobody_changes_what_was_voted"),
    ),
    *Mutant.of(
        "bot/roster.py",
        "core/test_roster.py",
        (4, "_taken", "duty.noted <= asked", "True",
         "commands/test_oncall.py::test_nobody_comes_on_call_for_a_plan_they_have_already_seen"),
        (4, "on_duty", "duty.instead == person.id", "False",
         "commands/test_oncall.py::test_who_was_relieved_does_not_approve"),
        (4, "Duty.covers", "self.start <= at < self.end", "self.start <= at",
         "commands/test_oncall.py::test_a_shift_that_ended_does_not_count"),
    ),
)
# fmt: on

BALLOTS = (*PURE, *SEEN)

"""What is looked at again between the votes and the end."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_RULES = "commands/test_approval_rules.py::"
_WORDS = "commands/test_approvals.py::"
_SCALE = "commands/test_scale.py::"
_CRASH = "commands/test_votes_after_a_crash.py::"
_STRANGER = _RULES + "test_a_strangers_commit_before_the_gate_voids_the_votes_and_is_shown"
_RENAMED = _RULES + "test_a_renamed_voter_is_not_counted_and_the_name_gives_nobody_a_vote"
_BEGUN = _RULES + "test_a_sync_that_somebody_began_stops_an_approved_operation"

# fmt: off
STARTED = (
    *Mutant.of(
        "bot/operations.py",
        "commands/test_approval_gate.py",
        (9, "Operations._tally", "tally.verdict is Verdict.DENIED", "False",
         _RULES + "test_a_denial_stays_when_it_is_taken_back"),
        (14, "Operations._tally", "now >= flight.expires", "False",
         _RULES + "test_a_clock_that_is_set_back_prolongs_nothing"),
        (2, "Operations._gate", "flight.approvals", "0", _RENAMED),
        (7, "Operations._gate", "record.state is State.RUNNING", "False",
         _CRASH + "test_killed_around_the_start_an_approval_is_used_once_or_not_at_all"),
        (6, "Operations._gate", "await self._plan_stands(record, flight)", "None", _BEGUN),
        (14, "Operations._gate", "self._ballots.now(record) >= flight.expires", "False",
         "test_a_look_that_outlasts_the_expiry_starts_nothing"),
        (6, "Operations._plan_stands", "self._planner.permit(fresh)", "None", _BEGUN),
        (5, "Operations._plan_stands", "fresh.digest != flight.digest", "False", _STRANGER),
        (15, "Operations._votes_stand", "await self._ballots.read(record)", "None",
         _RULES + "test_a_message_that_cannot_be_read_means_no"),
        (2, "Operations._votes_stand", "await self._ballots.confirmed(record, flight)",
         "await self._ballots.count(record, flight)", _RENAMED),
        (4, "Operations._votes_stand", "tally.verdict is Verdict.APPROVED", "True", _RENAMED),
        (12, "_ending", 'said["kind"] == "void" and said["round"] == round', "False",
         _RULES + "test_a_message_that_was_tampered_with_voids_its_votes[deleted]"),
        (0, "_ending", 'said["kind"] == "abort"', "False", _WORDS + "test_abort_ends_what_waits"),
    ),
    *Mutant.of(
        "bot/moves.py",
        "commands/test_approval_rules.py",
        (6, "Moves.since", "await commits_between(self._git, flight.facts, fresh.facts)",
         "[]", _STRANGER),
    ),
    *Mutant.of(
        "bot/steps.py",
        "commands/test_approval_gate.py",
        (6, "Actor._step", 'ended.reason == Moved.code and not run.results', "False",
         "test_a_commit_between_the_gate_and_the_push_voids_the_votes_and_is_shown"),
        (6, "Actor._step", "not run.results", "True",
         "test_a_commit_after_houstons_own_is_not_synced"),
        (0, "Actor._step", 'not said["retry"]', "False",
         _SCALE + "test_a_lasting_refusal_ends_with_what_was_done"),
        (0, "Actor._step", "await self._controlled(flow)", '""',
         _WORDS + "test_abort_is_obeyed_while_the_first_step_cannot_be_done"),
        (20, "Actor.act", "await self._controlled(flow)", '""',
         _WORDS + "test_hold_while_the_first_step_goes_on_keeps_the_next_from_being_done"),
    ),
    *Mutant.of(
        "bot/gitops.py",
        "commands/test_scale.py",
        (0, "settled", "application.sync is Sync.SYNCED and application.health is Health.HEALTHY",
         "True", "test_an_application_that_is_not_healthy_stops_the_plan"),
        (0, "_follows", "followed == branch", "True", "test_a_foreign_branch_is_refused"),
        (6, "_up_to_date", "deployed == head", "True",
         "test_a_branch_ahead_of_what_runs_stops_the_plan"),
        (0, "changed", "not edit.changes", "False", "test_words_that_do_not_fit_change_nothing"),
        (6, "_still_last", "head == commit", "True",
         "commands/test_approval_gate.py::test_a_commit_after_houstons_own_is_not_synced"),
        (0, "sync", "_runs(application, run[pushed])", "False",
         "test_a_passing_fault_is_survived_and_nothing_happens_twice"),
    ),
    *Mutant.of(
        "adapters/git.py",
        "adapters/test_git.py",
        (0, "DulwichGit._push", "found[0] == base", "True",
         "adapters/test_git_wire.py::"
         "test_what_is_pushed_between_houstons_look_and_its_own_push_is_not_overwritten"),
    ),
    *Mutant.of(
        "adapters/store_operations.py",
        "adapters/test_store.py",
        (7, "SqlOperations.lock", "holder is not None and holder != operation", "False",
         "test_a_lock_whose_holder_has_ended_is_taken_over"),
        (7, "SqlOperations.lock", "state is not None and state not in _FINAL", "False",
         "test_of_many_who_lock_at_once_one_wins"),
    ),
)

CONFIRMED = (
    *Mutant.of(
        "bot/stepup.py",
        "commands/test_stepup.py",
        (18, "StepUp._check", "not fresh", "step is None", "test_a_code_is_used_up"),
        (18, "StepUp._check", "len(failed) >= _TRIES", "False",
         "test_after_five_wrong_codes_even_the_right_one_is_refused_for_a_while"),
        (18, "StepUp._check", "not private", "False",
         "test_a_code_typed_in_the_room_is_burnt_and_approves_nothing"),
        (18, "StepUp.enrol", 'known and known["confirmed"]', "False",
         "test_who_has_enrolled_cannot_enrol_again_from_chat"),
    ),
    *Mutant.of(
        "bot/judge.py",
        "commands/test_override.py",
        (19, "Judge.override", "terms.alone_after is None", "False",
         "test_where_policy_has_no_override_there_is_none"),
        (19, "Judge.override", "p is not person", "False", "test_who_is_not_alone_must_ask"),
        (19, "Judge.override", "now + terms.alone_after >= terms.expires", "False",
         "test_what_would_expire_first_is_refused"),
    ),
    *Mutant.of(
        "bot/approvals.py",
        "commands/test_override.py",
        (19, "tally", "at >= alone.due", "True", "test_whoever_objects_in_time_stops_it"),
    ),
)
# fmt: on

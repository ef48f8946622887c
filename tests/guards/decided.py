"""What policy decides, and what a plan is made of before anybody votes."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_FROZEN = "commands/test_freeze.py::test_while_frozen_nothing_is_planned_and_the_reason_is_told"
_DIGEST = "test_the_digest_covers_all_that_an_approval_rests_on"
_POLICY = "core/test_policy.py::"
_RAISED = _POLICY + "test_policy_raises_a_tier_and_never_lowers_it"
_CRITICAL = "commands/test_approval_gate.py::test_what_is_critical_is_never_started_from_chat"
_MOVED = "test_what_moves_between_the_vote_and_the_start_voids_it_and_is_shown"

_LATER = "test_a_cluster_that_goes_down_in_between_stops_the_next_step[scale]"

# fmt: off
DECIDED = (
    *Mutant.of(
        "bot/policy.py",
        "core/test_rules.py",
        (1, "Policy.may", "person is not None and role in person.roles",
         "person is None or role in person.roles",
         _POLICY + "test_who_is_not_in_the_roster_has_no_role"),
        (17, "Policy._tier",
         "max([*asked, *(rule.tier for rule in rules if rule.tier)], key=_ORDER.index)",
         "ask.tier", _RAISED),
        (17, "Policy._tier",
         "max([*asked, *(rule.tier for rule in rules if rule.tier)], key=_ORDER.index)",
         "asked[-1]", _RAISED),
        (17, "Policy.decide", "terms.approvals is None", "False", _CRITICAL),
        (17, "Policy.decide", "terms is None", "False",
         "test_a_tier_that_is_not_named_is_never_started"),
        (17, "Policy.decide", "max([terms.approvals, *(rule.approvals or 0 for rule in rules)])",
         "terms.approvals", "test_rules_that_leave_too_few_approvers_refuse"),
        (17, "Policy.decide", "named and len(only) < approvals", "False",
         "test_rules_that_leave_too_few_approvers_refuse"),
        (0, "Policy.decide", "self._refusals(ask, rules)", "[]",
         "test_a_rule_names_who_may_ask"),
        (0, "Policy.decide", "self.frozen(ask.target, ask.at)", "[]", _FROZEN),
        (1, "Policy._refusals", "not self.may(ask.account, ask.role)", "False",
         _POLICY + "test_a_decision_says_how_many_must_approve_and_how_long_they_have"),
        (0, "Policy._refusals", "beyond(self._data.caps, self._data.protected, ask.reach)", "[]",
         "test_what_reaches_too_far_is_refused"),
        (0, "Policy.refused_by", "person.id not in rule.request", "False",
         "test_a_rule_names_who_may_ask"),
        (0, "Policy.refused_by", "not any(window.covers(ask.at) for window in rule.windows)",
         "False", "test_a_rule_has_hours"),
        (0, "Policy.frozen", "freeze.start <= at < freeze.end", "at < freeze.end",
         "test_a_planned_freeze_holds_from_its_start_to_before_its_end"),
        (0, "Policy.frozen", "matches((freeze.target,), target)", "False",
         "test_a_freeze_set_in_chat_holds_for_its_target"),
        (17, "Policy._only", "set.intersection(*named)", "set.union(*named)",
         "test_rules_that_leave_too_few_approvers_refuse"),
    ),
    *Mutant.of(
        "bot/basis.py",
        "commands/test_bound.py",
        (5, "basis", "policy.version", '""', _MOVED + "[stricter]"),
        (5, "basis", "policy.roster", '""', _MOVED + "[another_approver]"),
        (5, "basis", "power", '""', _MOVED + "[stopping]"),
        (5, "basis", "plan.versions", "{}", _MOVED + "[by_kubectl]"),
    ),
    *Mutant.of(
        "bot/stops.py",
        "commands/test_bound.py",
        (6, "Stops.look", "True", "False", _MOVED + "[stopping]"),
        (6, "Stops.stands", "isinstance(power, Power)", "True",
         "commands/test_bound_later.py::test_a_power_that_cannot_be_seen_stops_nothing_that_runs"),
        (6, "Stops.stands", "power.cluster.up", "True",
         "commands/test_bound_later.py::" + _LATER),
        (6, "Stops.stands", "True", "False", "commands/test_bound_later.py::" + _LATER),
    ),
    *Mutant.of(
        "bot/standing.py",
        "commands/test_bound_later.py",
        (6, "Keeper.permit", "version != self._policy.version", "False",
         "test_rules_that_changed_in_between_stop_the_next_step"),
    ),
    *Mutant.of(
        "bot/steps.py",
        "commands/test_bound_later.py",
        (6, "Actor._do", "run.results", "False", _LATER),
    ),
    *Mutant.of(
        "bot/planning.py",
        "commands/test_scale.py",
        (17, "Planner.plan", "unsure and plan.tier in {Tier.LOW, Tier.MEDIUM}", "False",
         "commands/test_upgrade.py::test_a_mongodb_nobody_can_tell_takes_two_colleagues"),
        (14, "Planner.plan", "expires or self._clock.now() + decision.expires",
         "self._clock.now() + decision.expires",
         "commands/test_approvals.py::test_approve_does_what_the_reaction_does"),
        (0, "Planner.plan", "await self._keeper.refresh()", "None",
         "commands/test_freeze.py::test_a_freeze_outlives_a_restart"),
        (0, "Planner.permit", "finding.ok is False", "False",
         "test_an_unsettled_application_stops_the_plan"),
        (0, "Planner.permit", "not planned.decision.allowed", "False", _FROZEN),
        (7, "Planner._lock", "holder is None", "True",
         "test_the_target_is_locked_while_an_operation_is_open"),
    ),
    *Mutant.of(
        "bot/flight.py",
        "commands/test_approval_rules.py",
        (5, "digest", "[facts, basis, diff]", "[facts, basis]", _DIGEST),
        (5, "digest", "[facts, basis, diff]", "[facts, diff]", _DIGEST),
        (5, "digest", "[facts, basis, diff]", "[basis, diff]", _DIGEST),
    ),
)
# fmt: on

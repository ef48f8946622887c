"""What keeps the second doors: who comes in, and what is taken there."""

from __future__ import annotations

from tests.guards.mutant import Mutant

# fmt: off
DOORS = (
    *Mutant.of(
        "bot/operators.py",
        "core/test_operators.py",
        (0, "Operators._prove", "len(failed) >= _TRIES", "False",
         "test_after_five_wrong_tries_none_is_taken_for_a_while"),
        (0, "Operators._prove", "person is None or kept is None or not good", "person is None",
         "test_everybody_else_is_refused_in_the_same_words"),
        (0, "Operators._prove", "await asyncio.to_thread(matches, token, kept or self._nobodys)",
         "kept is not None and matches(token, kept)",
         "test_a_refusal_takes_as_long_whoever_is_named"),
    ),
    *Mutant.of(
        "bot/console/server.py",
        "console/test_standby.py",
        (0, "Console._leading", "not self._leadership.leads", "False",
         "test_who_lost_the_lead_answers_nothing_and_says_who_has_it"),
    ),
    *Mutant.of(
        "bot/breakglass.py",
        "commands/test_breakglass.py",
        (0, "BreakGlass.permit", "room_id not in DOORS", "False",
         "test_in_chat_nothing_of_this_is_asked"),
        (0, "BreakGlass.permit", "tier not in DANGEROUS", "True",
         "test_while_chat_is_there_it_is_refused_with_the_reason_and_the_place"),
        (0, "BreakGlass.permit", "all(look.away for look in looks)",
         "any(look.away for look in looks)",
         "test_a_broken_way_from_here_alone_opens_nothing"),
        (0, "BreakGlass.permit", "look.away", "look.away is not False", "test_not_knowing_is_no"),
        (0, "BreakGlass.open_until", "self._clock.now() < latest", "True",
         "test_it_stays_open_for_its_time_and_then_is_measured_again"),
    ),
    *Mutant.of(
        "bot/outage.py",
        "commands/test_breakglass.py",
        (0, "Outage._here", "self._link.up", "False",
         "test_pods_that_are_not_ready_alone_open_nothing"),
        (0, "Outage._pods", "found.available == 0", "True",
         "test_a_broken_way_from_here_alone_opens_nothing"),
    ),
    *Mutant.of(
        "bot/planning.py",
        "commands/test_breakglass.py",
        (0, "Planner.open",
         "await self._breakglass.permit(record.room_id, planned.decision.tier)", "None",
         "test_while_chat_is_there_it_is_refused_with_the_reason_and_the_place"),
    ),
    *Mutant.of(
        "bot/operations.py",
        "commands/test_breakglass.py",
        (0, "Operations._plan_stands",
         "await self._breakglass.permit(record.room_id, flight.tier)", "None",
         "test_what_was_begun_is_not_started_once_the_time_is_over"),
    ),
    *Mutant.of(
        "bot/ballots.py",
        "commands/test_breakglass.py",
        (0, "Ballots.say", "meant is Choice.APPROVE", "False",
         "test_approving_is_dangerous_and_objecting_never_is"),
        (2, "Ballots.confirmed", "account_id not in proven", "True",
         "test_a_vote_at_a_door_counts_for_what_was_asked_in_chat_and_once"),
    ),
)
# fmt: on

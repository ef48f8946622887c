"""What keeps a drill and the real thing apart, and what tells people that chat goes away."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_DRILL = "commands/test_drill.py"
_OTHERS = "test_a_drill_of_another_houston_is_left_to_that_one_until_it_is_gone"

# fmt: off
APART = (
    *Mutant.of(
        "bot/router.py",
        _DRILL,
        (0, "Router._led", "words.name != DRILL and await self._drills.concerns(message)", "False",
         "test_a_command_after_the_end_is_refused_and_never_run_for_real"),
        (0, "Router.take", "await self._drills.elsewhere(message)", "False", _OTHERS),
        (0, "Router._answer", "await self._drills.concerns(message)", "False",
         "test_every_card_of_a_drill_is_marked_in_its_first_line"),
    ),
    *Mutant.of(
        "bot/drills.py",
        _DRILL,
        (0, "Drills.hear", "self._running is None or self._running[0].id != message.thread",
         "self._running is None", "test_a_second_drill_takes_no_line_of_the_first_one_s_thread"),
        (0, "_require_room", "request.thread != request.message_id", "False",
         "test_a_drill_is_begun_in_the_room_and_not_in_somebody_s_thread"),
        (0, "Drills._keep", "thread.lost(now)", "True", _OTHERS),
    ),
    *Mutant.of(
        "bot/announcing.py",
        "commands/test_forecast.py",
        (0, "all_clear", "well and not flight.returns", "False",
         "test_a_stop_of_the_cluster_is_announced_and_has_no_all_clear"),
    ),
)
# fmt: on

"""Never deaf, never twice: what is heard, and what is done once."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_TWICE = "test_a_message_that_is_emitted_again_is_answered_once"

# fmt: off
TWICE = (
    *Mutant.of(
        "bot/router.py",
        "commands/test_never_deaf.py",
        (0, "Router.is_command", "message.author.id == self._settings.user_id", "False",
         "test_houston_does_not_answer_itself"),
        (0, "Router.take", "message.edited_by is None", "True",
         "test_a_command_edited_into_being_is_not_run"),
        (0, "Router._late", "unasked or age <= self._settings.stale_after", "True",
         "test_what_is_found_late_is_asked_about_and_not_run"),
        (0, "Router._late", "await self._operations.begun(Request.of(message, words.line))",
         "False",
         "test_an_operation_that_had_begun_goes_on_though_its_command_is_old_by_now[False]"),
    ),
    *Mutant.of(
        "bot/router.py",
        "commands/test_direct.py",
        (0, "Router._check_place", "self._policy.person(message.author.id) is None", "False",
         "test_who_is_not_in_the_roster_is_told_nothing_alone"),
        (0, "Router._check_place", "not command.private", "False",
         "test_what_colleagues_must_see_is_not_taken_alone"),
    ),
    *Mutant.of(
        "bot/listener.py",
        "commands/test_direct.py",
        (0, "Listener._heard", "room and room.direct", "False",
         "test_what_colleagues_must_see_is_not_taken_alone"),
    ),
    *Mutant.of(
        "bot/listener.py",
        "commands/test_silent_stream.py",
        (0, "Listener.resync", "await self._mend()", "None",
         "test_a_command_the_stream_never_told_of_is_run_and_the_link_begun_anew"),
        (0, "Listener._due", "self._hearing.due(room.id, probe, self._pace.resync)",
         "self._pace.resync.total_seconds()",
         "test_a_command_the_stream_never_told_of_is_run_and_the_link_begun_anew"),
    ),
    *Mutant.of(
        "bot/hearing.py",
        "core/test_hearing.py",
        (0, "Hearing.told", "self._missed.pop(room, None)", "None",
         "test_a_stream_that_is_late_is_alive"),
        (0, "Hearing.read", "known is not None", "True",
         "test_what_the_first_catch_up_finds_proves_nothing"),
        (0, "Hearing.read", "one.at > since", "True",
         "test_an_old_message_that_was_only_changed_proves_nothing"),
        (0, "Hearing.deaf", "since < self._pause.total_seconds()", "False",
         "test_new_links_that_do_not_help_come_ever_more_seldom"),
    ),
    *Mutant.of(
        "adapters/rocketchat_read.py",
        "adapters/test_chat_events.py",
        (18, "read_direct", '"," in name', "False",
         "test_other_peoples_and_groups_messages_are_not_heard"),
    ),
    *Mutant.of(
        "bot/listener.py",
        "commands/test_never_deaf.py",
        (0, "Listener._heard", "await self._router.take(message)", "True", _TWICE),
        (0, "Listener.resume", "await self._store.ledger.unfinished()", "[]",
         "test_a_command_that_was_taken_when_houston_was_killed_is_answered"),
        (0, "Listener._live", "self._fall_behind(message.room_id)", "None",
         "test_a_message_that_breaks_the_store_leaves_houston_hearing"),
        (0, "Listener._advance", "room in self._behind", "False",
         "test_a_catch_up_that_fails_is_tried_again_from_the_same_place"),
        (0, "Listener._back", "await self._catch_up(rooms)", "None",
         "test_what_is_found_in_time_is_run"),
        (0, "Listener._read_again", "cursor - _OVERLAP", "cursor",
         "test_what_the_server_stored_late_is_found_behind_the_cursor"),
        (0, "Listener._read_again", "await self._store.ledger.advance(room.id, since)", "None",
         "test_a_room_where_nobody_had_spoken_is_read_from_the_last_stop"),
    ),
    *Mutant.of(
        "adapters/store.py",
        "adapters/test_store.py",
        (0, "SqlLedger.take", "new is not None", "True",
         "test_a_message_is_taken_exactly_once"),
        (0, "SqlLedger.take", "submitted.rowcount", "False",
         "test_a_message_put_in_waits_to_be_taken_once"),
        (0, "SqlLedger.answer", "entry is not None", "False",
         "test_an_answer_is_written_with_its_entry_of_the_trail_or_not_at_all"),
        (0, "SqlLedger.advance", "known is None or known < at", "True",
         "test_a_cursor_moves_forward_only"),
    ),
    *Mutant.of(
        "bot/courier.py",
        "commands/test_scale.py",
        (0, "Courier._bring", "out.shown is None", "True",
         "test_scaling_up_is_committed_synced_and_verified"),
    ),
    *Mutant.of(
        "adapters/rocketchat.py",
        "adapters/test_chat.py",
        (0, "RocketChat.post", "await self._arrived(post.id)", "False",
         "adapters/test_chat_wire.py::"
         "test_a_slow_answer_after_the_message_was_written_is_one_message"),
        (0, "RocketChat._arrived", "found.author.id != self._user_id", "False",
         "test_an_id_that_is_somebody_elses_is_an_error"),
        (0, "RocketChat.attach", "await self._shows(thread, file.name)", "False",
         "adapters/test_chat_files.py::"
         "test_a_file_is_shown_once_however_often_it_is_attached"),
    ),
    *Mutant.of(
        "adapters/git.py",
        "adapters/test_git.py",
        (0, "DulwichGit._land", "gittree.carrying(repo.object_store, head, operation)", "None",
         "test_committing_an_operation_twice_is_one_commit"),
    ),
    *Mutant.of(
        "bot/alarm.py",
        "commands/test_schedule.py",
        (0, "Alarm._wake", "await self._router.take(message)", "True",
         "test_a_time_that_was_taken_when_houston_was_killed_is_not_run_again"),
    ),
    *Mutant.of(
        "bot/schedules.py",
        "commands/test_schedule.py",
        (0, "Schedules.due", "slots(each.trigger, each.zone, last, now)", "[now]",
         "test_a_time_that_was_taken_when_houston_was_killed_is_not_run_again"),
        (0, "Schedules.pause", "await self._begin(found)", "None",
         "test_it_is_listed_paused_resumed_and_removed"),
    ),
    *Mutant.of(
        "bot/promises.py",
        "commands/test_queue.py",
        (0, "Promises._start", "await self._queue.done(each)", "None",
         "test_what_is_queued_is_planned_anew_after_the_next_start_and_then_approved"),
        (0, "Promises._release", "each.due(now)", "True",
         "test_what_is_queued_is_planned_anew_after_the_next_start_and_then_approved"),
    ),
)
# fmt: on

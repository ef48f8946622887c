"""What keeps the second doors: who comes in, what is taken there, and what a browser may do."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_OWASP = "console/test_owasp.py::"
_FORGED = _OWASP + "test_a_request_another_page_could_make_does_nothing"
_HEADERS = _OWASP + "test_nobody_frames_sniffs_or_keeps_an_answer"
_COOKIE = "test_a_cookie_is_for_no_script_and_no_other_site"
_IDLE = "test_a_session_nobody_uses_is_over"
_GLASS = "commands/test_breakglass.py::"

# fmt: off
SHIELD = (
    *Mutant.of(
        "bot/console/shield.py",
        "console/test_owasp.py",
        (0, "Shield._guarded", "route and route not in OPEN", "False",
         "test_every_route_but_the_entrance_needs_a_login"),
        (0, "Shield._require_host", "not known", "False",
         "test_under_another_name_nothing_is_answered"),
        (0, "_own", "urlsplit(f'//{host}').hostname in LOOPBACK", "True",
         "test_under_another_name_nothing_is_answered"),
        (0, "Shield._require_origin",
         "request.headers.get('Origin') != f\"{scheme}://{request.headers['Host']}\"", "False",
         _FORGED),
        (0, "Shield._require_origin", "request.content_type != 'application/json'", "False",
         _FORGED),
        (0, "Shield._require_session", "request.method not in SAFE and not session.carries(said)",
         "False", _FORGED),
        (0, "Shield._require_session", "session is None", "False",
         "test_every_route_but_the_entrance_needs_a_login"),
        (0, "Shield._dressed", "response.headers.update(_HEADERS)", "None", _HEADERS),
        (0, "Shield.application", "LONGEST_BODY", "10**9", "test_a_body_too_large_is_not_read"),
        (0, "Shield.session", "self._operators.may_enter(session.person)", "True",
         "console/test_sessions.py::test_who_leaves_the_list_is_out_at_once"),
        (0, "Shield.give", "True", "False", f"console/test_sessions.py::{_COOKIE}"),
        (0, "Shield.give", "'Strict'", "'None'", f"console/test_sessions.py::{_COOKIE}"),
        (0, "Shield.give", "self.secure", "False",
         "console/test_sessions.py::test_behind_tls_it_is_for_tls_only"),
    ),
    *Mutant.of(
        "bot/console/server.py",
        "console/test_sessions.py",
        (0, "Console._static", "name not in _FILES", "False",
         _OWASP + "test_no_path_leads_out_of_the_files_there_are"),
        (0, "Console._login", "await self._sessions.end(before)", "None",
         "test_each_login_is_a_session_of_its_own_and_ends_the_one_before"),
        (0, "Console._login", "await self._sessions.begin(person.id)",
         "(request.cookies.get(self._shield.cookie)"
         " or (await self._sessions.begin(person.id))[0], (await self._sessions.begin('x'))[1])",
         "test_a_session_chosen_by_somebody_else_is_not_taken_over"),
        (0, "Console._logout", "await self._sessions.end(request[SESSION])", "None",
         "test_a_logout_is_one_for_whoever_else_holds_the_session"),
    ),
    *Mutant.of(
        "bot/console/sessions.py",
        "console/test_sessions.py",
        (0, "Sessions.of", "not self._over(session)", "True", _IDLE),
        (0, "Sessions._over", "now - session.seen >= self._section.idle", "False", _IDLE),
        (0, "Sessions._over", "long >= self._section.longest", "False",
         "test_a_session_is_over_some_day_however_busy"),
        (0, "_key", "hashlib.sha256(id.encode('utf-8', 'replace')).hexdigest()", "id",
         "test_the_store_holds_nothing_a_session_could_be_taken_over_with"),
    ),
    *Mutant.of(
        "bot/console/limits.py",
        "console/test_sessions.py",
        (0, "Limits.admit", "login", "False",
         "test_logins_of_one_address_are_limited_whatever_the_name"),
        (0, "Limits._count", "len(times) >= limit", "False",
         "test_requests_of_one_address_are_limited"),
        (0, "Limits.address", "self._proxies and len(said) >= self._proxies", "True",
         "test_a_forwarded_address_counts_only_from_a_proxy_of_ours"),
    ),
    *Mutant.of(
        "bot/console/stream.py",
        "console/test_sessions.py",
        (0, "Stream._follow", "await self._shield.session(request)", "request[SESSION]",
         "test_watching_is_no_use_and_the_view_ends_with_the_session"),
        (0, "Stream.serve", "self._open[session.key] >= STREAMS", "False",
         _OWASP + "test_a_few_windows_are_enough"),
    ),
    *Mutant.of(
        "bot/console/desk.py",
        "console/test_console.py",
        (0, "Desk.file", "file.type if file.type == _PICTURE else _TEXT", "file.type",
         "test_a_long_answer_is_a_file_to_keep"),
    ),
)

PROVEN = (
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

DOORS = (*SHIELD, *PROVEN)

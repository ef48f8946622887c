"""What a browser may do at the console, by OWASP's names for what goes wrong there; the table in
docs/console.md names each of them."""

from __future__ import annotations

from tests.guards.mutant import Mutant

_OWASP = "console/test_owasp.py::"
_FORGED = _OWASP + "test_a_request_another_page_could_make_does_nothing"
_HEADERS = _OWASP + "test_nobody_frames_sniffs_or_keeps_an_answer"
_SCRIPT = _OWASP + "test_a_script_runs_only_from_a_file_of_ours"
_COOKIE = "test_a_cookie_is_for_no_script_and_no_other_site"
_IDLE = "test_a_session_nobody_uses_is_over"

# fmt: off
CONSOLE = (
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
        (0, "Shield._dressed", "_HEADERS",
         "{n: v.replace(\"'self'\", \"'self' 'unsafe-inline'\") for n, v in _HEADERS.items()}",
         _SCRIPT),
        (0, "Shield._dressed", "_HEADERS",
         "{n: v.split(\"; require-trusted\")[0] for n, v in _HEADERS.items()}", _SCRIPT),
        (0, "Shield._dressed", "_HEADERS",
         "{n: v.replace(\"frame-ancestors 'none'\", '') for n, v in _HEADERS.items()}", _HEADERS),
        (0, "", "'DENY'", "'SAMEORIGIN'", _HEADERS),
        (0, "", "'nosniff'", "''", _HEADERS),
        (0, "", "'no-store'", "'private'", _HEADERS),
        (0, "", "'no-referrer'", "'unsafe-url'", _HEADERS),
        (0, "Shield._dressed", "_HEADERS",
         "{n: v for n, v in _HEADERS.items() if n != 'Server'}", _HEADERS),
        (0, "Shield._guarded", "await handler(request)",
         "web.HTTPFound(request.query['next']) if 'next' in request.query"
         " else await handler(request)",
         "test_nobody_is_sent_elsewhere"),
        (0, "Shield._guarded", '"Houston itself made a mistake; the log has it."',
         "__import__('traceback').format_exc()",
         "test_a_mistake_of_houstons_own_tells_nobody_how_it_is_made"),
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
        "bot/operators.py",
        "console/test_sessions.py",
        (0, "Operators._prove", "len(failed) >= _TRIES", "False",
         "test_after_five_wrong_tokens_the_right_one_is_refused_too"),
        (0, "Operators._prove", "kept or self._nobodys", "kept or ''",
         "test_nobody_learns_who_could_come_in"),
    ),
    *Mutant.of(
        "bot/router.py",
        "console/test_console.py",
        (0, "Router._check_role", "not self._policy.may(account, command.role)", "False",
         "test_a_role_is_needed_here_too"),
    ),
    *Mutant.of(
        "bot/planning.py",
        "console/test_console.py",
        (0, "Planner.open",
         "await self._breakglass.permit(record.room_id, planned.decision.tier)", "None",
         "test_a_dangerous_command_is_refused_here_while_chat_is_heard"),
    ),
    *Mutant.of(
        "bot/guard.py",
        "console/test_console.py",
        (0, "Guard._over", "len(times) <= limit", "True",
         "test_too_many_commands_of_one_person_are_not_all_answered"),
    ),
    *Mutant.of(
        "bot/console/desk.py",
        "console/test_console.py",
        (0, "Desk.file", "session.lines",
         "[line for one in (await self._sessions._documents.all('console-session')).values()"
         " for line in one['lines']]",
         "test_a_long_answer_is_a_file_to_keep"),
        (0, "Desk.file", "file.type if file.type == _PICTURE else _TEXT", "file.type",
         "test_a_long_answer_is_a_file_to_keep"),
    ),
)
# fmt: on

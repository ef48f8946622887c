"""What keeps text from outside a text, wherever Houston shows it."""

from __future__ import annotations

from tests.guards.mutant import Mutant

# fmt: off
SAID = (
    *Mutant.of(
        "bot/ports/chat.py",
        "core/test_harmless.py",
        (0, "Post.__post_init__", "harmless(self.text)", "self.text",
         "test_outside_of_code_nothing_is_done"),
    ),
    *Mutant.of(
        "bot/harmless.py",
        "core/test_harmless.py",
        (0, "harmless", "visible(text)", "text", "test_outside_of_code_nothing_is_done"),
        (0, "_line", "'``' in line", "False", "test_outside_of_code_nothing_is_done"),
        (0, "_line", "len(_MARK.findall(line)) % 2", "False",
         "test_outside_of_code_nothing_is_done"),
        (0, "_disarmed", "_MENTION.sub(f'@{DISARMING}', text)", "text",
         "test_outside_of_code_nothing_is_done"),
    ),
    *Mutant.of(
        "bot/jsontext.py",
        "core/test_jsontext.py",
        (0, "loads", "_ESCAPE.sub(_seen, text)", "text",
         "test_half_of_a_character_becomes_a_sign_and_all_else_stays"),
    ),
    *Mutant.of(
        "bot/yamlfile.py",
        "core/test_jsontext.py",
        (0, "Loader.compose_scalar_node", "whole(node.value)", "node.value",
         "test_yaml_spells_halves_too"),
    ),
    *Mutant.of(
        "bot/cards.py",
        "core/test_harmless.py",
        (0, "Card.text", "one_line(self.title)", "self.title",
         "test_a_title_and_a_line_are_one_line_each"),
        (0, "text_file", "visible(text)", "text",
         "test_errors_pages_files_and_logs_show_what_they_hold"),
    ),
    *Mutant.of(
        "bot/webpage.py",
        "core/test_harmless.py",
        (0, "_text", "visible(text)", "text",
         "test_errors_pages_files_and_logs_show_what_they_hold"),
    ),
)
# fmt: on

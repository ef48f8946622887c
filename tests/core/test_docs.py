"""The documents: links lead somewhere, every command in them is one, every test named exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from adapters.sim.scenarios import SCENARIOS
from bot.__main__ import main
from bot.bootstrap import catalogue
from bot.errors import UsageError
from bot.rules import PolicyData

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md"))
)
COMMANDS = catalogue()
EXAMPLES = {"loglevel", "stauts"}
"""Commands that are shown being made, or misspelled."""
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^(?:```|~~~)[^\n]*\n(.*?)^(?:```|~~~)", re.MULTILINE | re.DOTALL)
_TEST = re.compile(r"\btests/[\w/]+\.py(?:::(\w+))?")


def text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def codes(page: str) -> Iterator[str]:
    """Each line of a block of code, and each piece of code in a sentence."""
    content = text(page)
    for block in _FENCE.findall(content):
        yield from (line.strip() for line in block.splitlines())
    plain = _FENCE.sub("", content)
    yield from (line.strip() for line in plain.splitlines() if line.startswith("    "))
    yield from _CODE.findall(plain)


def anchors(page: str) -> set[str]:
    """What GitHub makes of headings."""
    found = re.findall(r"^#+ (.*)$", _FENCE.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    broken = []
    for link in _LINK.findall(_FENCE.sub("", text(page))):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (ROOT / page).parent / path if path else ROOT / page
        known = anchors(str(target.relative_to(ROOT))) if target.suffix == ".md" else set()
        if not target.exists() or (anchor and anchor not in known):
            broken.append(link)

    assert broken == []


def chat_lines(page: str) -> Iterator[str]:
    """Chat commands, alternatives such as `app diff/history` written out."""
    for code in codes(page):
        if not re.match(r"![a-z]", code):
            continue
        words = code.split("  ")[0].replace("\\|", "|").split()
        slashed = next(
            (n for n, word in enumerate(words) if re.fullmatch(r"[a-z]+(/[a-z]+)+", word)), 0
        )
        for choice in words[slashed].split("/") if slashed else [""]:
            yield " ".join([*words[:slashed], choice, *words[slashed + 1 :]] if slashed else words)


def wrong(line: str) -> str:
    """What is wrong with a chat command; empty when nothing is."""
    name, *rest = line.removeprefix("!").split()
    if name in EXAMPLES:
        return ""
    if not COMMANDS.begins(name):
        return f"{line}: no command begins so"
    if re.search(r"[A-Z\[<{…*]|\.\.\.", line):
        return ""
    try:
        command, words = COMMANDS.of(line)
        if words.arguments:
            command.read(words.arguments)
    except UsageError as error:
        return f"{line}: {error.message}" if rest else ""
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_every_chat_command_is_one_and_takes_these_words(page: str) -> None:
    assert [said for line in chat_lines(page) if (said := wrong(line))] == []


def subcommand(words: list[str]) -> tuple[click.Command | None, list[str]]:
    """The command these words name, and those that are left."""
    found: click.Command = main
    left = list(words)
    while isinstance(found, click.Group) and left and not left[0].startswith("-"):
        below = found.commands.get(left[0])
        if below is None:
            return None, left
        found, left = below, left[1:]
    return found, left


@pytest.mark.parametrize("page", PAGES)
def test_every_houston_on_the_command_line_has_that_subcommand_and_those_options(page: str) -> None:
    bad = []
    for code in codes(page):
        line = re.sub(r"^\S*bin/", "", code.split("#")[0]).strip()
        if not re.match(r"houston [a-z]", line):
            continue
        words = line.replace("[", " ").replace("]", " ").split()[1:]
        found, left = subcommand(words)
        options = {option for each in (found.params if found else ()) for option in each.opts}
        given = {word.split("=")[0] for word in left if re.match(r"--[a-z]", word)}
        if found is None or given - options - {"--help"}:
            bad.append(line)

    assert bad == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_is_one(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = {line.split()[1] for line in codes(page) if re.match(r"make [a-z]", line)}

    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_is_there(page: str) -> None:
    gone = []
    for found in _TEST.finditer(text(page)):
        path, _, name = found[0].partition("::")
        if "NAME" in path:
            continue
        there = (ROOT / path).is_file()
        defined = rf"^(async )?def {name}\("
        if not there or (name and not re.search(defined, text(path), re.MULTILINE)):
            gone.append(found[0])

    assert gone == [] or page == "CONTRIBUTING.md", "in CONTRIBUTING one is shown being made"


@pytest.mark.parametrize("page", PAGES)
def test_every_policy_that_is_shown_holds(page: str) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL)
    for block in blocks:
        shown = yaml.safe_load(block)
        policy = shown.get("policy") or (shown.get("config") or {}).get("policy")
        if policy:
            PolicyData.model_validate(policy)


@pytest.mark.parametrize("page", PAGES)
def test_every_scenario_that_is_named_is_one(page: str) -> None:
    named = {found for line in codes(page) for found in re.findall(r"--scenario (\w+)$", line)}

    assert named - set(SCENARIOS) == set()


def test_each_feature_has_a_test_or_a_reason() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text("docs/features.md").splitlines()
        if re.match(r"\| (\d+|[A-Z]\w+.*) \|", line) and "| proof |" not in line
    ]
    numbers = [int(row[0]) for row in rows if row[0].isdigit()]
    unproven = [
        row for row in rows if "tests/" not in row[-1] and not re.search(r"\*\*not", row[-2])
    ]

    assert numbers == list(range(1, 81))
    assert len(rows) > 100
    assert unproven == []


def test_each_section_of_the_guide_that_a_command_stands_for_is_there() -> None:
    listed = text("docs/features.md")
    sections = {command.guide for command in COMMANDS.values()} - {"", "the rota"}

    assert len(sections) > 15
    assert [section for section in sections if section not in listed] == []

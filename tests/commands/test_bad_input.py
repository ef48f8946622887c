"""Bad input through chat: a clear answer that names the fix, and a world that has not changed."""

from __future__ import annotations

import pytest

from adapters.sim.seed import seed
from tests.commands.room import Room

VALUES = seed()[0]["values.yaml"]
TAG = b'"7.12.2"'


async def unharmed(room: Room, commits: list[str]) -> None:
    """Nothing was committed or synced, nothing is open, and Houston still listens."""
    assert room.world.remote.commits() == commits
    assert room.world.cluster.syncs == []
    assert await room.store.operations.open() == []
    assert "commands you may run" in await room.ask("!help")


async def answer_to(room: Room, line: str) -> str:
    """The answer as it is sent, with its markup."""
    said = await room.say(line)
    await room.answer(said)
    return next(m.text for m in room.world.chat.messages("ops") if m.thread == said.id)


LINES = [
    # words that are no command
    ("!upgrad 7.13.2", "Did you mean `!upgrade`"),
    ("!sclae presence 2", "Did you mean `!scale`"),
    ("!xyzzy", "Type `!help`"),
    ("!rm -rf /", "Type `!help`"),
    ("@houston xyzzy", "Type `!help`"),
    ("!upgrade-now 7.13.2", "There is no command"),
    # too many, too few
    ("!upgrade", "VERSION is missing"),
    ("!upgrade 7.13.2 now", "`now` is one word too many"),
    ("!upgrade 7.13.2 --force", "`--force` is no option of `!upgrade`"),
    ("!upgrade 7.13.2 --", "`--` is no option"),
    ("!upgrade --downgrade", "VERSION is missing"),
    ("!undo", "CODE is missing"),
    ("!why", "CODE is missing"),
    ("!approve", "CODE is missing"),
    # no version
    ("!upgrade latest", "it has three numbers, as 7.13.2"),
    ("!upgrade 7.13", "it has three numbers"),
    ("!upgrade 7.13.2.1", "it has three numbers"),
    ("!upgrade 07.13.2", "it has three numbers"),
    ("!upgrade ７.13.2", "it has three numbers"),
    ("!upgrade 7.13.2+build", "it has three numbers"),
    ("!upgrade 7.13.2;ls", "it has three numbers"),
    ("!upgrade $(id)", "it has three numbers"),
    ("!upgrade ../../7.13.2", "it has three numbers"),
    ("!upgrade https://example.org/7.13.2", "it has three numbers"),
    ("!upgrade ''", "VERSION is missing"),
    ('!pod ""', "NAME is missing"),
    ('!restart " "', "SERVICE is missing"),
    ("!queue add ''", "COMMAND is missing"),
    ("!queue add !", "That is no command"),
    ('!schedule add x "0 9 * * *" "! "', "That is no command"),
    ('!policy test "" as ana', '"COMMAND" is missing'),
    # versions that will not do
    ("!upgrade 7.12.2", "already 7.12.2"),
    ("!upgrade 7.12.1", "--downgrade"),
    ("!upgrade 6.0.0 --downgrade", "crosses a major version"),
    ("!upgrade 7.99.0", "does not exist"),
    ("!upgrade 99.0.0", "skips a major"),
    # quotes, lines, lengths
    ('!upgrade "7.13.2', "Close the quote"),
    ("!upgrade “7.13.2", "Close the quote"),
    ("!upgrade 7.13.2\n!upgrade 7.13.1", "Send each command as a message of its own"),
    ("!scale presence\u20282", "Send each command as a message of its own"),
    ("!upgrade " + "7" * 3000, "Send a shorter one"),
    ("!scale " + "é" * 400 + " 2", "is no service"),
    # what must not get out of the answer
    ("!scale x`@all` 2", "`x@all` is no service"),
    ("!scale [x](javascript:alert) 2", "`x` is no service"),
    ("!scale *bold* 2", "`*bold*` is no service"),
    ("!scale \u202ecipser 2", "`cipser` is no service"),
    ("!scale pre\x07sence two", "`two`"),
    ("!why `@all`", "`@all`"),
    ("!help @here", "is no command you may run"),
    # codes of no operation
    ("!undo 7F3K", "No operation has the code"),
    ("!why ../../etc", "No operation has the code"),
    ("!approve ' OR 1=1 --'", "No operation has the code"),
    ("!deny %", "No operation has the code"),
    ("!abort 🚀", "No operation has the code"),
]


@pytest.mark.parametrize(("line", "said"), LINES)
async def test_a_line_that_does_not_fit_is_answered_and_changes_nothing(
    room: Room, line: str, said: str
) -> None:
    answer = await answer_to(room, line)

    assert said in answer
    assert "Traceback" not in answer
    assert "made a mistake" not in answer
    assert len(answer) < 1500
    await unharmed(room, [room.first_commit])


PROSE = [
    "! upgrade 7.13.2",
    "please !upgrade 7.13.2",
    "> !upgrade 7.13.2",
    "I typed `!upgrade 7.13.2`",
    "!wow that's what I call a really smooth upgrade",
    "!thanks to all of you who stayed up\nand helped last night",
    "!" * 50,
    "@houston2 upgrade 7.13.2",
    "x" * 5000,
]


@pytest.mark.parametrize("line", PROSE)
async def test_prose_is_left_alone(room: Room, line: str) -> None:
    said = await room.say(line)
    await room.quiet()

    assert room.thread(said) == []
    await unharmed(room, [room.first_commit])


def with_tag(text: bytes) -> bytes:
    assert VALUES.count(b"tag: " + TAG) == 1
    return VALUES.replace(b"tag: " + TAG, text)


FILES = [
    (b"", "values.yaml: The file is empty"),
    (b"# nothing\r\n", "values.yaml: The file is empty"),
    (b"\x7fELF\x02\x01\xff\xfe\x00", "values.yaml: The file is not UTF-8"),
    (VALUES + b"#" * 300_000, "at most 256 are read"),
    (VALUES + b"\r\nx: \x00", "ends lines for some readers"),
    (VALUES + b"\r\nx: [", "no valid YAML"),
    (VALUES + b"\r\nx:\ty: 1", "no valid YAML"),
    (VALUES + b"\r\nx: &x [*x]", "aliases unfold"),
    (VALUES + b"\r\nx: " + b"[" * 1500, "values.yaml: The file"),
    (VALUES + b"\r\n---\r\na: 1\r\n", "2 documents"),
    (VALUES + b"\r\nimage:\r\n  tag: a\r\n", "image stands there 2 times"),
    (b"just words", "image is not there"),
    (b"- image\r\n", "image is not there"),
    (with_tag(b"tag:"), "image.tag is empty"),
    (with_tag(b"tog: 1"), "image.tag is not there"),
    (with_tag(b"tag: &t 7.12.2"), "has an anchor or a tag"),
    (with_tag(b"tag: !!str 7.12.2"), "has an anchor or a tag"),
    (with_tag(b"tag: |\r\n    7.12.2\r\n"), "goes over several lines"),
    (with_tag(b"tag: [7.12.2]"), "image.tag is no single value"),
    (with_tag(b"tag: 7.12.2\r\n  tag: 7.12.2"), "image.tag stands there 2 times"),
    (with_tag(b"tag: latest"), "Pin it to a version by hand first"),
    (with_tag(b"tag: 7.12"), "Pin it to a version by hand first"),
    (with_tag(b'tag: "7.12.2\\n"'), "Pin it to a version by hand first"),
    (with_tag(b'tag: "` @all `"'), "Pin it to a version by hand first"),
    (with_tag(b"tag: " + b"a" * 5000), "too long to be reviewed"),
    (with_tag(b"tag: " + b"a" * 900), "Pin it to a version by hand first"),
]


@pytest.mark.parametrize(("content", "said"), FILES)
async def test_a_values_file_that_cannot_be_edited_safely_is_refused(
    room: Room, content: bytes, said: str
) -> None:
    room.world.remote.push("values.yaml", content, "chore: Something odd")
    commits = room.world.remote.commits()
    answer = await answer_to(room, "!upgrade 7.13.2")

    assert said in answer
    assert "Nothing was changed." in answer
    assert "made a mistake" not in answer
    assert "` @all" not in answer
    assert len(answer) < 1500
    await unharmed(room, commits)


REPLICAS = b"replicas: 1  # who is online"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"replicas: two", "Correct it by hand first"),
        (b"replicas: -1", "Correct it by hand first"),
        (b"replicas: ~", "Correct it by hand first"),
        (b"replicas: 1.5", "Correct it by hand first"),
        (b"replicas:", "is empty"),
        (b"replicas: {min: 1}", "is no single value"),
        (b"replicas: &r 1", "has an anchor or a tag"),
        (b"replicas: 1\r\n    replicas: 1", "stands there 2 times"),
    ],
)
async def test_a_number_of_replicas_that_is_none_is_refused(
    room: Room, written: bytes, said: str
) -> None:
    assert VALUES.count(REPLICAS) == 1
    room.world.remote.push("values.yaml", VALUES.replace(REPLICAS, written), "chore: Something odd")
    commits = room.world.remote.commits()
    answer = await answer_to(room, "!scale presence 2")

    assert said in answer
    assert "Nothing was changed." in answer
    await unharmed(room, commits)

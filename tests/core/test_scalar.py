"""The editor of one scalar: exactly its bytes change, and what cannot be done safely is refused."""

from __future__ import annotations

import pytest

from adapters.sim.remote import Remote
from bot.errors import Refused
from bot.scalar import KeyPath, Selector, diff, read, replace

TAG: KeyPath = ("image", "tag")
VALUES = (
    "# Fernhill: app 7.12.2\r\n"
    "image:\r\n"
    "  repository: registry.example/rocket.chat\r\n"
    "  # Change ONLY this value, 7.12.2, to upgrade.\r\n"
    '  tag: "7.12.2"  # → £7 ☃ 🚀\r\n'
    "replicaCount: 1\n"
    "microservices:\r\n"
    "  account:\r\n"
    "    replicas: 1  # sign-in   \r\n"
    "  presence:\r\n"
    "    replicas: 1\r\n"
    "#   replicas: 1  # REMOVED\r\n"
    "extraEnv:\r\n"
    "  - name: tag\r\n"
    "    value: '7.12.2'"
).encode()


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        (TAG, "8.0.1", b'tag: "7.12.2"  #', b'tag: "8.0.1"  #'),
        (("replicaCount",), 3, b"replicaCount: 1\n", b"replicaCount: 3\n"),
        (("microservices", "account", "replicas"), 12, b"1  # sign-in   ", b"12  # sign-in   "),
        (("microservices", "presence", "replicas"), 0, b"1\r\n#   rep", b"0\r\n#   rep"),
    ],
)
def test_one_scalar_changes_and_every_other_byte_stays(
    key: KeyPath, value: str | int, old: bytes, new: bytes
) -> None:
    assert VALUES.count(old) == 1

    assert replace(VALUES, key, value) == VALUES.replace(old, new)


def test_the_diff_is_one_line_that_shows_what_was_and_what_will_be() -> None:
    after = replace(VALUES, TAG, "8.0.1")

    assert diff("values.yaml", VALUES, after).splitlines() == [
        "--- a/values.yaml",
        "+++ b/values.yaml",
        "@@ -5 +5 @@",
        '-  tag: "7.12.2"  # → £7 ☃ 🚀',
        '+  tag: "8.0.1"  # → £7 ☃ 🚀',
    ]
    assert diff("values.yaml", VALUES, VALUES) == ""


def test_a_scalar_at_the_end_of_a_file_without_a_newline() -> None:
    text = b"a: 1\r\nb: 2"

    assert replace(text, ("b",), 33) == b"a: 1\r\nb: 33"


def test_the_value_it_has_already_gives_the_same_bytes() -> None:
    assert replace(VALUES, TAG, "7.12.2") == VALUES


def test_a_byte_order_mark_stays_in_front() -> None:
    text = b"\xef\xbb\xbf" + VALUES

    assert replace(text, TAG, "8.0.1") == b"\xef\xbb\xbf" + replace(VALUES, TAG, "8.0.1")
    assert read(text, TAG) == "7.12.2"


def test_the_mode_of_the_file_stays_in_git() -> None:
    remote = Remote.in_memory({"values.yaml": VALUES}, {"values.yaml": 0o100755})
    remote.push("values.yaml", replace(VALUES, TAG, "8.0.1"), "chore: Upgrade")

    assert remote.mode("values.yaml") == 0o100755
    assert remote.read("values.yaml") == VALUES.replace(b'tag: "7.12.2"', b'tag: "8.0.1"')


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("6.29.0", "6.30.0", "6.30.0"),
        ("6.29.0", "6.30", '"6.30"'),
        ("main", "2026-01-18", '"2026-01-18"'),
        ("main", "2026-01-18-01", "2026-01-18-01"),
        ("0 9 * * *", "0 10 * * 1,2", "0 10 * * 1,2"),
        ("0 9 * * *", "*/5 * * * *", '"*/5 * * * *"'),
        ("main", "yes", '"yes"'),
        ("main", "y", '"y"'),
        ("main", "null", '"null"'),
        ("main", "~", '"~"'),
        ("main", "", '""'),
        ("main", "12e3", '"12e3"'),
        ("main", "0o17", '"0o17"'),
        ("main", "010", '"010"'),
        ("main", "16:00", '"16:00"'),
        ("main", "1_000", '"1_000"'),
        ("main", "2", '"2"'),
        ("main", "a: b", '"a: b"'),
        ("main", "a #b", '"a #b"'),
        ("main", "a#b", "a#b"),
        ("main", "- a", '"- a"'),
        ("main", "[a]", '"[a]"'),
        ("main", "&a", '"&a"'),
        ("main", "!a b", '"!a b"'),
        ("main", " a", '" a"'),
        ("main", "a ", '"a "'),
        ("main", "grüße", "grüße"),
        ("main", 'say "hi"', 'say "hi"'),
        ("1", 2, "2"),
        ("1", 10, "10"),
        ("'a'", "it's", "'it''s'"),
        ("'1'", 2, "'2'"),
        ('"a"', 'say "hi" \\ ', '"say \\"hi\\" \\\\ "'),
        ('"a"', 2, '"2"'),
        ("true", "false", '"false"'),
        ("false", True, "true"),
        ('"false"', True, '"true"'),
    ],
)
def test_the_style_is_kept_and_quotes_come_only_where_the_type_would_change(
    before: str, value: str | int, after: str
) -> None:
    text = f"key: {before}  # why\nnext: 1\n".encode()

    assert replace(text, ("key",), value) == f"key: {after}  # why\nnext: 1\n".encode()


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("image: 1\n", TAG, "image.tag is not there"),
        ("image:\n  repository: a\n", TAG, "image.tag is not there"),
        ("- image\n", TAG, "image is not there"),
        ("just words\n", TAG, "image is not there"),
        ("image:\n  tag: {a: 1}\n", TAG, "is no single value"),
        ("image:\n  tag: [1]\n", TAG, "is no single value"),
        ("image:\n  tag:\nnext: 1\n", TAG, "is empty"),
        ("image:\n  tag:  # none yet\n  # more\nnext: 1\n", TAG, "is empty"),
        ("image: {tag}\n", TAG, "is empty"),
        ("image: {tag: , a: 1}\n", TAG, "is empty"),
        ("image:\n  ? tag\n", TAG, "is empty"),
        ("image:\n  tag: a\n  tag: b\n", TAG, "stands there 2 times"),
        ("image:\n  tag: a\nimage:\n  tag: b\n", TAG, "stands there 2 times"),
        ("image:\n  tag: a\n'image':\n  tag: b\n", TAG, "stands there 2 times"),
        ("image:\n  tag: &v a\nb: *v\n", TAG, "alias"),
        ("image:\n  tag: &v a\n", TAG, "an anchor or a tag"),
        ("image:\n  tag: !!str a\n", TAG, "an anchor or a tag"),
        ("image:\n  tag: !!str &v a\n", TAG, "an anchor or a tag"),
        ("image:\n  tag: !vault a\n", TAG, "an anchor or a tag"),
        ("b: &v a\nimage:\n  tag: *v\n", TAG, "alias"),
        ("b: &v\n  tag: a\nimage: *v\n", TAG, "alias"),
        ("image: &v\n  tag: a\nb: *v\n", TAG, "alias"),
        ("b: &v\n  tag: a\nimage:\n  <<: *v\n", TAG, "merge key"),
        ("b: &v\n  c: a\nimage:\n  <<: *v\n  tag: a\n", TAG, "merge key"),
        ("image:\n  tag: |\n    a\n", TAG, "several lines"),
        ("image:\n  tag: >-\n    a\n", TAG, "several lines"),
        ("image:\n  tag: a\n    b\n", TAG, "several lines"),
        ('image:\n  tag: "a\n    b"\n', TAG, "several lines"),
        ("image: [{tag: a}]\n", TAG, "image.tag is not there"),
        ("image:\n\ttag: a\n", TAG, "at line 2: a tab"),
        ("image:\n  tag:\ta\n", TAG, "at line 2: a tab"),
        ("image:\n  tag: 'a\n", TAG, "no valid YAML"),
        ("image: *nowhere\n", TAG, "no valid YAML"),
        ("", TAG, "The file is empty"),
        ("# nothing\n# but comments\n", TAG, "The file is empty"),
        ("---\n---\n", TAG, "The file is empty"),
        ("---\nimage:\n  tag: a\n---\nimage:\n  tag: b\n", TAG, "2 documents"),
        ("image:\n  tag: a\u2028\n", TAG, "ends lines for some readers"),
        ("image:\r  tag: a\r", TAG, "ends lines for some readers"),
        ("image:\n  tag: a\0\n", TAG, "ends lines for some readers"),
        ("image:\n  tag: a\nloop: &l [*l]\n", TAG, "unfold"),
        (f"image:\n  tag: a\ndeep: {'[' * 1500}{']' * 1500}\n", TAG, "nested too deeply"),
        (f"image:\n  tag: a  # {'x' * 2000}\n", TAG, "too long to be reviewed"),
        (f"image:\n  tag: a\n# {'x' * 300_000}\n", TAG, "at most 256"),
    ],
)
def test_what_cannot_be_changed_safely_is_refused_with_the_reason(
    text: str, key: KeyPath, said: str
) -> None:
    with pytest.raises(Refused) as error:
        replace(text.encode(), key, "1,b: c")

    assert said in error.value.message
    assert error.value.hint


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Refused, match="not UTF-8 \\(byte 7\\)"):
        replace("image: £".encode("latin-1"), ("image",), "a")


@pytest.mark.parametrize("value", ["a\nb", "a\0", "a\u202eb", "\x1b[0m", "a\tb"])
def test_a_value_with_control_characters_is_refused(value: str) -> None:
    with pytest.raises(Refused, match="control characters"):
        replace(VALUES, TAG, value)


def test_aliases_that_unfold_without_end_are_refused_at_once() -> None:
    rows = ["image:\n  tag: a", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]

    with pytest.raises(Refused, match="unfold"):
        replace("\n".join(rows).encode(), TAG, "b")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "b: &v c\nd: *v\n",
        "b: &v {c: d}\ne:\n  <<: *v\n",
        "when: 2026-99-99\n",
        "secret: !vault |\n  abc\n",
        "script: |\n  # a:\tb\n  tag: a\n",
        "off: 1\noff: 2\n",
        "? [a, b]\n: c\n",
    ],
)
def test_what_stands_elsewhere_may_be_as_odd_as_it_likes(elsewhere: str) -> None:
    text = f"image:\n  tag: a\n{elsewhere}"

    assert replace(text.encode(), TAG, "b") == text.replace("tag: a", "tag: b", 1).encode()


@pytest.mark.parametrize("key", ["no", "8080", "0x10", "1.50", "~", "2026-01-18", "a.b/c-d"])
def test_a_key_is_what_is_written_whatever_a_reader_makes_of_it(key: str) -> None:
    assert replace(f"{key}: 1\n".encode(), (key,), 2) == f"{key}: 2\n".encode()


def test_flow_collections_are_edited_where_that_is_safe() -> None:
    text = b'image: {repository: a, "tag":"7.12.2", b: [1, 2]}\n'

    assert replace(text, TAG, "8.0.1") == text.replace(b"7.12.2", b"8.0.1")
    with pytest.raises(Refused, match="something else too"):
        replace(b"image: {tag: a, b: 1}\n", TAG, "1,2")


JOBS = (
    b"apiVersion: v1\r\nkind: ServiceAccount\r\nmetadata:\r\n  name: sweeper\r\n"
    b"---\r\napiVersion: batch/v1\r\nkind: CronJob\r\nmetadata:\r\n  name: sweeper\r\n"
    b'  annotations:\r\n    fernhill.example/config-rev: "2026-01-18-01"\r\n'
    b"spec:\r\n  schedule: 0 9 * * *  # every day   \r\n"
    b"---\r\n"
    b"---\r\napiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: script\r\n"
    b"data:\r\n  run: |\r\n    kind: CronJob\r\n    schedule: 0 9 * * *\r\n"
)
CRON: Selector = {("kind",): "CronJob", ("metadata", "name"): "sweeper"}


def test_the_document_is_chosen_by_what_it_holds() -> None:
    after = replace(JOBS, ("spec", "schedule"), "*/5 * * * *", CRON)

    assert after == JOBS.replace(b"0 9 * * *  #", b'"*/5 * * * *"  #')
    assert read(after, ("spec", "schedule"), CRON) == "*/5 * * * *"


def test_a_key_may_hold_dots_and_slashes() -> None:
    key = ("metadata", "annotations", "fernhill.example/config-rev")

    assert replace(JOBS, key, "2026-01-18-02", CRON) == JOBS.replace(b"18-01", b"18-02")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (None, "3 documents"),
        ({("metadata", "name"): "sweeper"}, "2 documents"),
        ({("kind",): "Job"}, "no such document"),
        ({("metadata",): "sweeper"}, "no such document"),
        ({("metadata", "none"): "sweeper"}, "no such document"),
    ],
)
def test_a_document_that_is_not_the_only_one_is_refused(wanted: Selector | None, said: str) -> None:
    with pytest.raises(Refused, match=said):
        replace(JOBS, ("spec", "schedule"), "0 8 * * *", wanted)


def test_two_places_with_the_same_text_are_changed_one_by_one() -> None:
    """A rerun changes the name and the annotation; the comment keeps the old revision."""
    job = (
        "# last run: 2025-12-23-10 →\n"
        "metadata:\n  name: tracegen-2025-12-23-10\n"
        '  annotations:\n    x.example/rev: "2025-12-23-10"\n\n\n'
    ).encode()
    after = replace(job, ("metadata", "name"), "tracegen-2025-12-23-11")
    after = replace(after, ("metadata", "annotations", "x.example/rev"), "2025-12-23-11")

    assert after == (
        job.replace(b"tracegen-2025-12-23-10", b"tracegen-2025-12-23-11").replace(
            b'"2025-12-23-10"', b'"2025-12-23-11"'
        )
    )

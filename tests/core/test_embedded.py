"""The editor of a scalar in a YAML text inside of YAML: one line changes, and nothing beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded import read, replace
from bot.errors import Refused
from bot.scalar import KeyPath, Selector

VALUES: KeyPath = ("spec", "source", "helm", "values")
CLIENT: KeyPath = ("serviceAccount", "annotations", "azure.workload.identity/client-id")
APPLICATION: Selector = {("kind",): "Application"}
CRLF = (
    "# → the operator, £0\r\n"
    "kind: ConfigMap\r\n"
    "data: {client-id: lookalike}\r\n"
    "---\r\n"
    "kind: Application\r\n"
    "spec:\r\n"
    "  source:\r\n"
    "    helm:\r\n"
    "      values: |\r\n"
    '        # azure.workload.identity/client-id: "old"\r\n'
    "\r\n"
    "        serviceAccount:\r\n"
    "          annotations:   \r\n"
    '            azure.workload.identity/client-id: "old"  # ☃ of the identity\r\n'
    "  destination: {}"
).encode()


@pytest.mark.parametrize("content", [CRLF, CRLF.replace(b"\r\n", b"\n")], ids=["crlf", "lf"])
def test_one_line_of_the_block_changes_and_every_other_byte_stays(content: bytes) -> None:
    changed = replace(content, VALUES, "new", CLIENT, APPLICATION)

    assert changed == content.replace(b'"old"  #', b'"new"  #')
    assert changed != content
    assert read(content, VALUES, CLIENT, APPLICATION) == "old"
    assert read(changed, VALUES, CLIENT, APPLICATION) == "new"


def test_mixed_line_ends_stay_mixed() -> None:
    mixed = CRLF.replace(b'client-id: "old"  #', b"client-id: 'old' #").replace(
        b"identity\r\n", b"identity\n"
    )

    changed = replace(mixed, VALUES, "new", CLIENT, APPLICATION)

    assert changed == mixed.replace(b"client-id: 'old' #", b"client-id: 'new' #")


def test_the_same_value_is_no_change() -> None:
    assert replace(CRLF, VALUES, "old", CLIENT, APPLICATION) == CRLF


def test_without_a_block_it_is_the_plain_editor() -> None:
    assert replace(b"a: 1\n", ("a",), 2) == b"a: 2\n"
    assert read(b"a: 1\n", ("a",)) == "1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"values: >\n  a: b\n", "no literal block"),
        (b'values: "a: b"\n', "no literal block"),
        (b"values: &x |\n  a: b\nother: *x\n", "alias"),
        (b"values: &x |\n  a: b\n", "no literal block"),
        (b"values: |\n  c: b\n", "is not there"),
        (b"values: |\n  a: [\n", "no valid YAML"),
        (b"values: |\n  a: |\n    deeper\n", "several lines"),
        (b"values: |\n  a:\n", "empty"),
    ],
)
def test_what_cannot_be_done_safely_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        replace(content, ("values",), "new", ("a",))


@given(
    value=st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=40),
    ending=st.sampled_from(["\n", "\r\n"]),
    indent=st.integers(1, 6),
)
def test_whatever_the_new_value_is_only_its_line_differs_and_says_it(
    value: str, ending: str, indent: int
) -> None:
    inner = ["# ☃ first", "a: b  # kept", "", "list:", "  - a: c"]
    lines = [
        "kind: X  # £",
        "text: |",
        *(" " * indent + line for line in inner),
        "after: |",
        "  a: b",
    ]
    content = ending.join(lines).encode()
    changed = replace(content, ("text",), value, ("a",))
    old, new = content.split(b"\n"), changed.split(b"\n")

    assert read(changed, ("text",), ("a",)) == value
    assert [
        number for number, pair in enumerate(zip(old, new, strict=True)) if len({*pair}) > 1
    ] in (
        [3],
        [],
    )
    assert new[3].endswith(b"  # kept" + ending.encode()[:-1])

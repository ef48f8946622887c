"""The editor of one scalar, on files and values nobody thought of."""

from __future__ import annotations

from contextlib import suppress

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Refused
from bot.scalar import KeyPath, read, replace

PLAIN = st.text(
    st.characters(blacklist_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"])
)
WORD = st.text("abcdefghij", min_size=1, max_size=8)
END = st.sampled_from(["\n", "\r\n"])
QUOTED = st.sampled_from(["{}", '"{}"', "'{}'"])


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, bytes, KeyPath, bytes]:
    """What stands before a scalar, what after it, its key, and the scalar as it is written."""
    names = draw(st.lists(WORD, min_size=1, max_size=4, unique=True))
    comment = draw(PLAIN)
    lines = [f"# {comment}{draw(END)}"] if draw(st.booleans()) else []
    for depth, name in enumerate(names[:-1]):
        lines.append(f"{'  ' * depth}{name}:{draw(END)}")
        lines.append(f"{'  ' * depth}  aside{depth}: {draw(WORD)}  # {comment}{draw(END)}")
    lines.append(f"{'  ' * (len(names) - 1)}{names[-1]}: ")
    literal = draw(QUOTED).format(draw(WORD))
    tail = "".join(f"zz{n}: {draw(WORD)}{draw(END)}" for n in range(draw(st.integers(0, 3))))
    after = f"  # {comment}{draw(END)}{tail}" if draw(st.booleans()) else draw(END) + tail
    return "".join(lines).encode(), after.encode(), tuple(names), literal.encode()


@settings(deadline=None)
@given(files(), PLAIN | st.integers(-(10**6), 10**6))
def test_any_value_in_any_file_is_read_back_and_nothing_else_moves(
    file: tuple[bytes, bytes, KeyPath, bytes], value: str | int
) -> None:
    head, tail, key, literal = file
    after = replace(head + literal + tail, key, value)

    assert after.startswith(head)
    assert after.endswith(tail)
    assert read(after, key) == str(value)
    node = yaml.safe_load(after)
    for part in key:
        node = node[part]
    assert node == (value if literal[:1] not in b"\"'" else str(value))


@settings(deadline=None)
@given(files(), PLAIN)
def test_there_and_back_gives_the_same_meaning_and_a_quoted_scalar_the_same_bytes(
    file: tuple[bytes, bytes, KeyPath, bytes], value: str
) -> None:
    head, tail, key, literal = file
    before = head + literal + tail
    back = replace(replace(before, key, value), key, read(before, key))

    assert yaml.safe_load(back) == yaml.safe_load(before)
    if literal[:1] in b"\"'":
        assert back == before


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes_of_any_kind_are_edited_or_refused_and_never_crash(content: bytes) -> None:
    for key in (("a",), ("image", "tag")):
        with suppress(Refused):
            assert read(replace(content, key, "b"), key) == "b"

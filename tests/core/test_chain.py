"""The chain of hashes finds every change of a copy."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chain import OPEN, START, Seal, Verifier, anchor, flaws, line, parsed, seal
from bot.ports.audit import Entry, Head, Sealed

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
ENTRIES = st.builds(
    Entry,
    at=st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda passed: AT + passed),
    actor=st.text(max_size=8),
    event=st.text(max_size=8),
    operation=st.text(max_size=8),
    detail=st.dictionaries(st.text(max_size=5), JSON, max_size=3),
    target=st.text(max_size=8),
)


def chained(entries: list[Entry], by: Seal = OPEN) -> list[Sealed]:
    chain: list[Sealed] = []
    for number, entry in enumerate(entries, start=1):
        chain.append(seal(entry, number, chain[-1].hash if chain else START, by))
    return chain


def end(chain: list[Sealed], by: Seal = OPEN) -> Head:
    return by.end(chain[-1].number, chain[-1].hash) if chain else by.end(0, START)


CHAINS = st.lists(ENTRIES, min_size=2, max_size=6).map(chained)
CHANGES: dict[str, Any] = {
    "at": lambda entry: replace(entry, at=entry.at + timedelta(microseconds=1)),
    "actor": lambda entry: replace(entry, actor=entry.actor + "x"),
    "event": lambda entry: replace(entry, event=entry.event + "x"),
    "operation": lambda entry: replace(entry, operation=entry.operation + "x"),
    "target": lambda entry: replace(entry, target=entry.target + "x"),
    "detail": lambda entry: replace(entry, detail={**entry.detail, "added": True}),
}


@given(st.lists(ENTRIES, max_size=6).map(chained))
def test_a_chain_as_it_was_written_has_no_flaw(chain: list[Sealed]) -> None:
    assert flaws(chain, end(chain)) == []


@given(CHAINS, st.data(), st.sampled_from(sorted(CHANGES)))
def test_a_changed_field_is_found(chain: list[Sealed], data: st.DataObject, field: str) -> None:
    index = data.draw(st.integers(0, len(chain) - 1))
    forged = replace(chain[index], entry=CHANGES[field](chain[index].entry))
    copy = [*chain[:index], forged, *chain[index + 1 :]]

    assert flaws(copy, end(chain))


@given(CHAINS, st.data())
def test_a_change_sealed_anew_is_found_by_the_entry_after_it(
    chain: list[Sealed], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(chain) - 1))
    old = chain[index]
    forged = seal(replace(old.entry, actor=old.entry.actor + "x"), old.number, old.previous)
    copy = [*chain[:index], forged, *chain[index + 1 :]]

    assert flaws(copy, end(chain))


@given(CHAINS, st.data())
def test_a_missing_entry_is_found(chain: list[Sealed], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(chain) - 1))

    assert flaws([*chain[:index], *chain[index + 1 :]], end(chain))


@given(CHAINS, st.data())
def test_a_truncation_is_found(chain: list[Sealed], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(chain) - 1))

    assert flaws(chain[:kept], end(chain))


@given(CHAINS, st.data())
def test_another_order_is_found(chain: list[Sealed], data: st.DataObject) -> None:
    copy = data.draw(st.permutations(chain).filter(lambda moved: moved != chain))

    assert flaws(copy, end(chain))


@given(CHAINS, st.data())
def test_two_entries_whose_content_was_exchanged_are_found(
    chain: list[Sealed], data: st.DataObject
) -> None:
    one, other = sorted(data.draw(st.permutations(range(len(chain))))[:2])
    entries = [sealed.entry for sealed in chain]
    if entries[one] == entries[other]:
        return
    copy = list(chain)
    copy[one] = replace(chain[one], entry=entries[other])
    copy[other] = replace(chain[other], entry=entries[one])

    assert flaws(copy, end(chain))


@given(CHAINS, st.data())
def test_an_entry_that_was_put_in_is_found(chain: list[Sealed], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(chain)))
    before = chain[index - 1].hash if index else START
    added = seal(Entry(AT, "uVic", "operation.started"), index + 1, before)

    assert flaws([*chain[:index], added, *chain[index:]], end(chain))


@given(ENTRIES)
def test_a_line_is_read_as_it_was_written(entry: Entry) -> None:
    sealed = seal(entry, 1, START)

    assert "\n" not in line(sealed)
    assert parsed(line(sealed)) == sealed


def test_the_same_moment_in_another_zone_is_the_same_entry() -> None:
    entry = Entry(AT, "uAna", "command.answered")
    elsewhere = replace(entry, at=AT.astimezone())

    assert seal(entry, 1, START) == seal(elsewhere, 1, START)


def test_a_truncation_says_where_the_chain_ends_now() -> None:
    whole = chained([Entry(AT, "uAna", "x")] * 2)
    (cut,) = flaws(whole[:1], end(whole))
    (nothing,) = flaws([], end(whole))

    assert f"ends at entry 1 ({whole[0].hash[:12]})" in cut
    assert f"but 2 ({whole[1].hash[:12]}) was the last" in cut
    assert "ends at entry 0 (nothing)" in nothing


def test_a_gap_is_named_by_what_is_missing() -> None:
    one, two, three = chained([Entry(AT, "uAna", "x")] * 3)

    assert flaws([one, three], end([one, two, three])) == [
        "entry 2 is missing: 3 stands in its place"
    ]
    moved = replace(two, previous=START)
    assert "entry 2 does not follow the entry before it" in flaws(
        [one, moved, three], end([one, two, three])
    )


def test_what_json_cannot_say_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="JSON"):
        seal(Entry(AT, "uAna", "x", detail={"share": float("nan")}), 1, START)


@given(CHAINS, st.data())
def test_a_chain_sealed_with_a_key_is_made_by_nobody_else(
    chain: list[Sealed], data: st.DataObject
) -> None:
    """Not even in part: whatever is sealed anew without the key is found, end and all."""
    by = Seal(b"key")
    kept = data.draw(st.integers(0, len(chain) - 1))
    copy: list[Sealed] = []
    for one in chain:
        previous = copy[-1].hash if copy else START
        copy.append(seal(one.entry, one.number, previous, by if one.number <= kept else Seal()))

    assert flaws(copy, end(copy), by)


def test_a_seal_is_plain_up_to_the_entry_that_the_key_begins_with() -> None:
    plain = hashlib.sha256(b"x").hexdigest()
    keyed = hmac.digest(b"key", b"x", hashlib.sha256).hex()

    assert Seal().digest(1, "x") == plain
    assert [Seal(b"key", since=3).digest(n, "x") for n in (2, 3, 4)] == [plain, keyed, keyed]


KEYED = Seal(b"a mounted key")


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_with_a_key_a_truncation_is_found_though_the_head_was_moved_along(
    entries: list[Entry], data: st.DataObject
) -> None:
    """Whoever writes to the database has every hash, and no seal of an end but the last one's."""
    chain = chained(entries, KEYED)
    whole = end(chain, KEYED)
    cut = chain[: data.draw(st.integers(0, len(chain) - 1))]
    moved = [
        replace(end(cut), seal=found)
        for found in ("", whole.seal, *(sealed.hash for sealed in chain))
    ]

    assert flaws(chain, whole, KEYED) == []
    assert all(flaws(cut, head, KEYED) for head in (*moved, whole))


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_with_an_end_that_was_posted_an_older_state_is_found_though_its_head_is_sealed(
    entries: list[Entry], data: st.DataObject
) -> None:
    chain = chained(entries, KEYED)
    number, _, hash = anchor(end(chain, KEYED)).partition(":")
    older = chain[: data.draw(st.integers(0, len(chain) - 1))]
    verifier = Verifier(KEYED, {int(number): hash})
    for sealed in older:
        verifier.add(sealed)

    assert flaws(older, end(older, KEYED), KEYED) == []
    assert verifier.end(end(older, KEYED)) == [
        f"entry {number} is gone: the trail once ended with it"
    ]


def test_an_entry_that_is_another_than_was_posted_is_found() -> None:
    (one,) = chained([Entry(AT, "uAna", "x")], KEYED)
    (other,) = chained([Entry(AT, "uBo", "x")], KEYED)
    verifier = Verifier(KEYED, {1: other.hash[:16]})
    verifier.add(one)

    assert verifier.end(end([one], KEYED)) == ["entry 1 is another than the trail once ended with"]


@pytest.mark.parametrize(
    ("since", "number", "sealed"),
    [(1, 0, True), (1, 1, True), (3, 0, False), (3, 2, False), (3, 3, True)],
)
def test_an_end_is_sealed_from_the_entry_on_that_the_key_begins_with(
    since: int, number: int, sealed: bool
) -> None:
    by = Seal(b"key", since)
    head = by.end(number, "a" * 64)

    assert bool(head.seal) is sealed
    assert by.holds(head)
    assert by.holds(replace(head, seal="")) is not sealed
    assert not by.holds(replace(head, seal="b" * 64))
    assert Seal().end(number, "a" * 64).seal == ""
    assert Seal().holds(head)

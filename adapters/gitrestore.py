"""Files put back from git's own history, for every git adapter: nothing here knows a network."""

from __future__ import annotations

import difflib
import re

import yaml
from dulwich.object_store import BaseObjectStore
from dulwich.objects import ShaFile

from adapters import gittree
from bot.errors import Conflict, Missing, Refused
from bot.ports.git import Signature
from bot.ports.history import Restoration

DEPTH = 100_000
"""Commits looked back at most."""
_ITEM = re.compile(rb"^([ \t]*)-[ \t]")
_KEY = re.compile(rb"^[A-Za-z_][\w-]*:")


def planned(store: BaseObjectStore, head: str, path: str, listing: str, entry: str) -> Restoration:
    """The way back of a file. Raises Missing and Refused as the port says."""
    if _content(store, head, path) is not None:
        raise Refused(f"{path} is there at {head[:7]}.", "Nothing has to be restored")
    source, removed, subject = _last(store, head, path)
    content = _content(store, source, path) or b""
    old = gittree.file_of(store, head, listing).content
    new = with_entry(old, entry)
    changed = new != old
    shown = _diff(path, b"", content)
    return Restoration(
        path=path,
        source=source,
        removed=removed,
        removed_by=subject,
        base=head,
        blob=gittree.blob_id(content),
        diff=f"{shown}\n{_diff(listing, old, new)}" if changed else shown,
        listing=listing if changed else "",
        entry=entry if changed else "",
        blob_listing=gittree.blob_id(new) if changed else "",
    )


def _diff(path: str, old: bytes, new: bytes) -> str:
    """A unified diff without context that a person can read."""
    lines = difflib.unified_diff(
        old.decode("utf-8", "replace").splitlines(),
        new.decode("utf-8", "replace").splitlines(),
        f"a/{path}" if old else "/dev/null",
        f"b/{path}",
        lineterm="",
        n=0,
    )
    return "\n".join(lines)


def _last(store: BaseObjectStore, head: str, path: str) -> tuple[str, str, str]:
    """The newest commit that has the file, and the one after it with its subject."""
    after = None
    for commit in gittree.commits_from(store, head, DEPTH):
        if after is not None and _content(store, commit.id.decode(), path) is not None:
            subject = after.message.decode("utf-8", "replace").split("\n", 1)[0]
            return commit.id.decode(), after.id.decode(), subject
        after = commit
    raise Missing(gittree.SYSTEM, f"{path} was never on this branch", "Check its name")


def _content(store: BaseObjectStore, commit: str, path: str) -> bytes | None:
    try:
        return gittree.file_of(store, commit, path).content
    except Missing:
        return None


def with_entry(content: bytes, entry: str) -> bytes:
    """The kustomization with one more resource, in the form its last one has.

    Raises Refused when that cannot be done by adding one line.
    """
    before = _resources(content)
    if entry in before:
        return content
    lines = content.splitlines(keepends=True)
    last = _last_item(lines)
    if last is None:
        raise Refused("The kustomization has no list of resources.", "Add the entry by hand")
    indent = (_ITEM.match(lines[last]) or [b"", b""])[1]
    end = b"\r\n" if lines[last].endswith(b"\r\n") or b"\r\n" in content else b"\n"
    if not lines[last].endswith(b"\n"):
        lines[last] += end
    lines.insert(last + 1, indent + b"- " + entry.encode() + end)
    made = b"".join(lines)
    if _resources(made) != [*before, entry]:
        raise Refused("The kustomization cannot be extended by one line.", "Add it by hand")
    return made


def _last_item(lines: list[bytes]) -> int | None:
    """The line of the last item below `resources:`."""
    inside, found = False, None
    for number, line in enumerate(lines):
        if _KEY.match(line):
            inside = line.startswith(b"resources:")
        elif inside and _ITEM.match(line):
            found = number
    return found


def _resources(content: bytes) -> list[str]:
    try:
        found = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Refused("The kustomization is no YAML.", "Mend it first") from None
    listed = found.get("resources") if isinstance(found, dict) else None
    return [str(one) for one in listed] if isinstance(listed, list) else []


def apply(
    store: BaseObjectStore,
    lost: Restoration,
    *,
    message: str,
    who: tuple[Signature, Signature],
    at: int,
) -> tuple[str, list[ShaFile]]:
    """The commit on `lost.base` and its objects, nothing stored yet; `who` is author, committer.

    Raises Conflict when it gives other bytes than were planned.
    """
    files = {lost.path: gittree.file_of(store, lost.source, lost.path).content}
    if lost.listing:
        old = gittree.file_of(store, lost.base, lost.listing).content
        files[lost.listing] = with_entry(old, lost.entry)
    wanted = {lost.path: lost.blob, lost.listing: lost.blob_listing}
    if any(gittree.blob_id(content) != wanted[path] for path, content in files.items()):
        raise Conflict(gittree.SYSTEM, f"{lost.path} gives other bytes than were planned")
    objects = gittree.write(store, lost.base, files)
    commit = gittree.commit_of(objects[-1].id, lost.base, message, who, at)
    return commit.id.decode(), [*objects, commit]

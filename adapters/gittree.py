"""Commits made from git's own objects: pure work on an object store, for every git adapter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from dulwich.errors import NotTreeError
from dulwich.object_store import BaseObjectStore, iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree

from bot.embedded import read, replace
from bot.errors import Conflict, Missing, Moved, Refused
from bot.ports.git import TRAILER, Document, Edit, File, Scalars, Signature
from bot.ports.git import Commit as Seen
from bot.scalar import KeyPath, diff, written

SYSTEM = "git"
LATEST = 50
"""How many commits back an operation's own commit is looked for."""


def tree_of(store: BaseObjectStore, commit: str) -> Tree:
    """The root tree of a commit."""
    found = store[ObjectID(commit.encode())]
    if not isinstance(found, Commit):
        raise Missing(SYSTEM, f"{commit[:7]} is no commit")
    tree = store[found.tree]
    if not isinstance(tree, Tree):
        raise Missing(SYSTEM, f"{commit[:7]} has no tree")
    return tree


def file_of(store: BaseObjectStore, commit: str, path: str) -> File:
    """A file at a commit. Raises Missing."""
    _, blob = _entry(store, commit, path)
    return File(path, commit, blob.as_raw_string())


def mode_of(store: BaseObjectStore, commit: str, path: str) -> int:
    """The file mode git has for it, such as 0o100755. Raises Missing."""
    mode, _ = _entry(store, commit, path)
    return mode


def _entry(store: BaseObjectStore, commit: str, path: str) -> tuple[int, Blob]:
    try:
        mode, sha = tree_of(store, commit).lookup_path(store.__getitem__, path.encode())
        blob = store[sha]
    except (KeyError, NotTreeError):
        blob = None
        mode = 0
    if not isinstance(blob, Blob):
        raise Missing(SYSTEM, f"{path} is not in the repository at {commit[:7]}", "Check the path")
    return mode, blob


def files_of(store: BaseObjectStore, commit: str, under: str = "") -> list[File]:
    """Every file at a commit by path; below one folder, or the one of that name."""
    wanted, found = under.strip("/"), []
    for entry in iter_tree_contents(store, tree_of(store, commit).id):
        path, blob = (entry.path or b"").decode("utf-8", "replace"), store[entry.sha]
        inside = not wanted or path == wanted or path.startswith(f"{wanted}/")
        if inside and isinstance(blob, Blob):
            found.append(File(path, commit, blob.as_raw_string()))
    return sorted(found, key=lambda file: file.path)


def planned(
    file: File,
    key: KeyPath,
    value: str | int,
    document: Document = (),
    inside: KeyPath = (),
    *,
    more: Scalars = (),
) -> Edit:
    """The edit of one scalar of that file, and of `more`. Raises Refused, naming the file."""
    which = dict(document) or None
    try:
        before = read(file.content, key, inside, which)
        after = replace(_with_more(file.content, more, document), key, value, inside, which)
    except Refused as error:
        raise Refused(f"{file.path}: {error.message}", error.hint) from None
    return Edit(
        path=file.path,
        key=key,
        before=before,
        after=written(value),
        base=file.commit,
        blob_before=blob_id(file.content),
        blob_after=blob_id(after),
        diff=diff(file.path, file.content, after),
        document=document,
        inside=inside,
        more=more,
    )


def _with_more(content: bytes, more: Scalars, document: Document) -> bytes:
    """With the other scalars first: the one of the edit may be what the document is known by."""
    for key, value in more:
        content = replace(content, key, value, (), dict(document) or None)
    return content


def blob_id(content: bytes) -> str:
    """What git calls these bytes."""
    return Blob.from_string(content).id.decode()


def apply(
    store: BaseObjectStore,
    edit: Edit,
    *,
    message: str,
    author: Signature,
    committer: Signature,
    at: datetime,
) -> tuple[str, list[ShaFile]]:
    """The commit of an edit on its base, and every new object it needs, nothing stored yet.

    Raises Conflict when the edit gives other bytes than were planned, or none.
    """
    file = file_of(store, edit.base, edit.path)
    content = _edited(file.content, edit)
    if blob_id(file.content) != edit.blob_before or blob_id(content) != edit.blob_after:
        raise Conflict(SYSTEM, f"{edit.path} gives other bytes than were planned", "Plan it again")
    if not edit.changes:
        raise Conflict(SYSTEM, f"{edit.path} would not change; no empty commit is made")
    objects = write(store, edit.base, {edit.path: content})
    commit = commit_of(objects[-1].id, edit.base, message, (author, committer), int(at.timestamp()))
    return commit.id.decode(), [*objects, commit]


def commit_of(
    tree: ObjectID, base: str, message: str, who: tuple[Signature, Signature], at: int
) -> Commit:
    """A commit of this tree on `base`; `who` is author and committer, `at` in seconds."""
    commit = Commit()
    commit.tree = tree
    commit.parents = [ObjectID(base.encode())]
    commit.author, commit.committer = map(_who, who)
    commit.author_time = commit.commit_time = at
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message.encode()
    return commit


def _edited(content: bytes, edit: Edit) -> bytes:
    """The planned bytes, whether they come from a text, a number or a truth."""
    kinds: list[str | int] = [edit.after]
    if edit.after.lstrip("-").isdigit():
        kinds.insert(0, int(edit.after))
    if edit.after in {"true", "false"}:
        kinds.insert(0, edit.after == "true")
    content = _with_more(content, edit.more, edit.document)
    which = dict(edit.document) or None
    found = [replace(content, edit.key, kind, edit.inside, which) for kind in kinds]
    return next((each for each in found if blob_id(each) == edit.blob_after), found[-1])


def write(store: BaseObjectStore, commit: str, files: Mapping[str, bytes | None]) -> list[ShaFile]:
    """Blobs and trees with these files changed or added, modes kept; the new root tree last.

    None takes a file away.
    """
    root = tree_of(store, commit)
    made: list[ShaFile] = []
    for path, content in files.items():
        blob = None if content is None else Blob.from_string(content)
        made += [blob] if blob else []
        root = _with(store, root, path.split("/"), blob, made)
    return made


def _with(
    store: BaseObjectStore, tree: Tree, path: list[str], blob: Blob | None, made: list[ShaFile]
) -> Tree:
    name = path[0].encode()
    copy = Tree()
    for item in tree.items():
        if item.path is not None and item.mode is not None and item.sha is not None:
            copy.add(item.path, item.mode, item.sha)
    if len(path) > 1:
        inner = _inner(store, copy[name][1], made) if name in copy else Tree()
        if not isinstance(inner, Tree):
            raise Missing(SYSTEM, f"{path[0]} is no directory")
        copy.add(name, 0o040000, _with(store, inner, path[1:], blob, made).id)
    elif blob is None:
        del copy[name]
    else:
        copy.add(name, copy[name][0] if name in copy else 0o100644, blob.id)
    made.append(copy)
    return copy


def _inner(store: BaseObjectStore, sha: ObjectID, made: list[ShaFile]) -> ShaFile:
    """A folder that another file of the same commit may have changed already."""
    return next((item for item in made if item.id == sha), None) or store[sha]


def message_of(subject: str, operation: str) -> str:
    """The commit message, with the operation it belongs to."""
    return f"{subject}\n\n{TRAILER}{operation}\n"


def commits_from(store: BaseObjectStore, head: str, limit: int) -> list[Commit]:
    """First parents from `head` back, as far as they are known."""
    found: list[Commit] = []
    sha = ObjectID(head.encode())
    while len(found) < limit and sha in store:
        commit = store[sha]
        if not isinstance(commit, Commit):
            break
        found.append(commit)
        if not commit.parents:
            break
        sha = commit.parents[0]
    return found


def since(store: BaseObjectStore, head: str, at: datetime, limit: int) -> list[Seen]:
    """Those of the newest `limit` first parents that were committed after `at`, newest first."""
    found = (seen(store, commit) for commit in commits_from(store, head, limit))
    return [commit for commit in found if commit.at > at]


def carrying(store: BaseObjectStore, head: str, operation: str) -> str | None:
    """The commit that carries this operation's trailer, among the latest."""
    line = f"{TRAILER}{operation}"
    for commit in commits_from(store, head, LATEST):
        if line in commit.message.decode("utf-8", "replace").splitlines():
            return commit.id.decode()
    return None


def seen(store: BaseObjectStore, commit: Commit) -> Seen:
    """A commit as the port gives it, with the paths it changed."""
    author = commit.author.decode("utf-8", "replace")
    name, _, rest = author.partition(" <")
    return Seen(
        id=commit.id.decode(),
        author=Signature(name, rest.rstrip(">")),
        message=commit.message.decode("utf-8", "replace"),
        at=datetime.fromtimestamp(commit.commit_time, UTC),
        paths=_changed(store, commit),
    )


def _changed(store: BaseObjectStore, commit: Commit) -> tuple[str, ...]:
    parent = commit.parents[0] if commit.parents else None
    if parent is None or parent not in store:
        return ()
    before = store[parent]
    if not isinstance(before, Commit):
        return ()
    return tuple(
        sorted(
            {
                path.decode("utf-8", "replace")
                for (old, new), _, _ in store.tree_changes(before.tree, commit.tree)
                for path in (old or new,)
                if path
            }
        )
    )


def _who(signature: Signature) -> bytes:
    name = "".join(c for c in signature.name if c.isprintable() and c not in "<>")
    email = "".join(c for c in signature.email if c.isprintable() and c not in "<> ")
    return f"{name} <{email}>".encode()


def moved(base: str, head: str, branch: str) -> Moved:
    """The branch is somewhere else than the plan was made on."""
    return Moved(
        SYSTEM,
        f"{branch} moved from {base[:7]} to {head[:7]} after the plan was made.",
        "Read the new plan",
    )

"""The git remote of the simulated world: a real repository, in memory or bare on disk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from dulwich.errors import NotGitRepository
from dulwich.object_store import BaseObjectStore, iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.refs import Ref
from dulwich.repo import BaseRepo, MemoryRepo, Repo

from adapters import gittree
from bot.errors import Missing
from bot.ports.git import Commit as Seen

DANA = "Dana Reyes <dana@fernhill.example>"
"""A colleague who pushes without Houston."""
_EPOCH = 1_790_000_000
HEAD = Ref(b"HEAD")


class Remote:
    """One branch of one repository, as everybody who pushes sees it."""

    def __init__(self, repo: BaseRepo, branch: str, path: Path | None = None) -> None:
        self._repo = repo
        self.branch = branch
        self.path = path

    @classmethod
    def in_memory(
        cls,
        files: Mapping[str, bytes],
        modes: Mapping[str, int] | None = None,
        branch: str = "master",
    ) -> Remote:
        """A new repository with one commit, in memory."""
        remote = cls(MemoryRepo(), branch)
        remote._first(files, modes or {})  # its own constructor
        return remote

    @classmethod
    def create_on_disk(
        cls,
        path: Path,
        files: Mapping[str, bytes],
        modes: Mapping[str, int] | None = None,
        branch: str = "master",
    ) -> Remote:
        """A new bare repository with one commit."""
        remote = cls(Repo.init_bare(str(path), mkdir=True), branch, path)
        remote._first(files, modes or {})  # its own constructor
        return remote

    @classmethod
    def from_repository(cls, source: Path, target: Path | None) -> Remote:
        """A copy of a repository at its current branch, bare on disk or in memory.

        Raises Missing when there is no repository, or its branch has no commit.
        """
        try:
            with Repo(str(source)) as original:
                branch = original.refs.get_symrefs()[HEAD].decode().removeprefix("refs/heads/")
                head = original.refs[Ref(f"refs/heads/{branch}".encode())]
                if target is None:
                    copy: BaseRepo = MemoryRepo()
                else:
                    copy = Repo.init_bare(str(target), mkdir=True)
                for sha in original.object_store:
                    copy.object_store.add_object(original.object_store[sha])
        except (NotGitRepository, KeyError, OSError, ValueError) as error:
            raise Missing(
                gittree.SYSTEM, f"{source} is no git repository with a commit on a branch"
            ) from error
        remote = cls(copy, branch, target)
        remote._point(head)  # its own constructor
        return remote

    def head(self) -> str:
        """The branch's commit now."""
        return self._repo.refs[self._ref].decode()

    def read(self, path: str, commit: str | None = None) -> bytes:
        """A file's bytes. Raises Missing."""
        return gittree.file_of(self._repo.object_store, commit or self.head(), path).content

    def mode(self, path: str, commit: str | None = None) -> int:
        """A file's mode. Raises Missing."""
        return gittree.mode_of(self._repo.object_store, commit or self.head(), path)

    def find(self, sha: str) -> Seen | None:
        """A commit of the branch, None for another one."""
        for commit in gittree.commits_from(self._repo.object_store, self.head(), 10**6):
            if commit.id.decode() == sha:
                return gittree.seen(self._repo.object_store, commit)
        return None

    def paths(self, commit: str | None = None) -> list[str]:
        """Every file's path."""
        tree = gittree.tree_of(self._repo.object_store, commit or self.head())
        found = iter_tree_contents(self._repo.object_store, tree.id)
        return [entry.path.decode() for entry in found if entry.path]

    def commits(self) -> list[str]:
        """Every commit of the branch, newest first."""
        found = gittree.commits_from(self._repo.object_store, self.head(), 10**6)
        return [commit.id.decode() for commit in found]

    def push(
        self,
        path: str,
        content: bytes,
        message: str,
        author: str = DANA,
        *,
        at: datetime | None = None,
    ) -> str:
        """A colleague's commit on top of the branch, made long ago when nothing else is said."""
        objects = gittree.write(self.store, self.head(), {path: content})
        commit = self._commit(objects[-1].id, [ObjectID(self.head().encode())], message, author)
        if at:
            commit.commit_time = commit.author_time = int(at.timestamp())
        self.land([*objects, commit], commit.id.decode())
        return commit.id.decode()

    def remove(self, path: str, message: str, author: str = DANA) -> str:
        """A colleague's commit that takes a file away."""
        objects = gittree.write(self.store, self.head(), {path: None})
        commit = self._commit(objects[-1].id, [ObjectID(self.head().encode())], message, author)
        self.land([*objects, commit], commit.id.decode())
        return commit.id.decode()

    @property
    def store(self) -> BaseObjectStore:
        """The object store, for who builds commits."""
        return self._repo.object_store

    def land(self, objects: list[ShaFile], commit: str) -> None:
        """Store the objects and move the branch there."""
        for item in objects:
            self._repo.object_store.add_object(item)
        self._repo.refs[self._ref] = ObjectID(commit.encode())

    @property
    def default(self) -> str:
        """The branch HEAD means."""
        return self._repo.refs.get_symrefs()[HEAD].decode().removeprefix("refs/heads/")

    def rename_default(self, branch: str) -> None:
        """Make another branch the default, at the same commit; the one there is stays."""
        other = Ref(f"refs/heads/{branch}".encode())
        self._repo.refs[other] = self._repo.refs[self._ref]
        self._repo.refs.set_symbolic_ref(HEAD, other)

    @property
    def _ref(self) -> Ref:
        return Ref(f"refs/heads/{self.branch}".encode())

    def _point(self, head: ObjectID) -> None:
        self._repo.refs[self._ref] = head
        self._repo.refs.set_symbolic_ref(HEAD, self._ref)

    def _first(self, files: Mapping[str, bytes], modes: Mapping[str, int]) -> None:
        root: dict[str, object] = {}
        for path, content in files.items():
            *folders, name = path.split("/")
            place = root
            for folder in folders:
                inner = place.setdefault(folder, {})
                if not isinstance(inner, dict):
                    raise TypeError(f"{folder} is a file and a folder")
                place = inner
            place[name] = (content, modes.get(path, 0o100644))
        objects: list[ShaFile] = []
        tree = _tree(root, objects)
        commit = self._commit(tree.id, [], "chore: The beginning", DANA)
        for item in [*objects, commit]:
            self._repo.object_store.add_object(item)
        self._point(commit.id)

    def _commit(self, tree: ObjectID, parents: list[ObjectID], message: str, author: str) -> Commit:
        commit = Commit()
        commit.tree, commit.parents = tree, parents
        commit.author = commit.committer = author.encode()
        commit.author_time = commit.commit_time = _EPOCH + len(parents)
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding = b"UTF-8"
        commit.message = message.encode()
        return commit


def _tree(folder: dict[str, object], objects: list[ShaFile]) -> Tree:
    tree = Tree()
    for name, entry in folder.items():
        if isinstance(entry, dict):
            tree.add(name.encode(), 0o040000, _tree(entry, objects).id)
        elif isinstance(entry, tuple):
            content, mode = entry
            blob = Blob.from_string(content)
            objects.append(blob)
            tree.add(name.encode(), mode, blob.id)
    objects.append(tree)
    return tree

"""Builds what the Dockerfile says into directories, without a container engine.

Its instructions are read and carried out: a RUN in a root made of this machine's system and what
the stage has made; a COPY from the files the .dockerignore lets through. The system stands in for
the base image, so what is shown is the Dockerfile's own part. Needs root, for mounts in a namespace
of their own.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PATIENCE = 240
_ENTER = """
set -e
root=$1; shift
mount --bind "$root" "$root"
bring() {  # from to: read-only
  mkdir -p "$(dirname "$root$2")"
  if [ -d "$1" ]; then mkdir -p "$root$2"; else touch "$root$2"; fi
  mount --bind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"
}
for each in $LINKS; do ln -sfn "$(readlink "$each")" "$root$each"; done
for each in $BRING; do bring "${each%%=*}" "${each##*=}"; done
mkdir -p "$root/dev" "$root/proc" "$root/tmp"
mount --rbind /dev "$root/dev"; mount -t proc proc "$root/proc"
if [ -n "$DATA" ]; then
  mount --bind "$DATA" "$root/data"
  mount -o remount,bind,ro "$root"
fi
exec chroot --userspec="$AS" "$root" "$@"
"""
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32")
_PLAIN = ("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts", "/etc/ssl")
_PATH = "/base/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction with what follows it, comments left out, lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


@dataclass
class Stage:
    """One FROM: its files, and its settings by instruction."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    @property
    def workdir(self) -> str:
        return self.said.get("WORKDIR", "/")

    def at(self, path: str) -> Path:
        """A path of the image on this machine."""
        return self.root / os.path.normpath(f"{self.workdir}/{path}").lstrip("/")

    def line(self, word: str) -> list[str]:
        """ENTRYPOINT, CMD or HEALTHCHECK, which must be in the form that needs no shell."""
        found: list[str] = json.loads(self.said[word][self.said[word].index("[") :])
        return found


class Builder:
    """Carries out a Dockerfile, with the stages' directories in `place`."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._stages: dict[str, Stage] = {}
        self._now = Stage(place)

    def build(self, text: str) -> Stage:
        """Gives the last stage."""
        doing = {"FROM": self._from, "ENV": self._env, "RUN": self._run, "COPY": self._copy}
        for word, rest in instructions(text):
            if word == "WORKDIR":
                self._now.root.joinpath(rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            if word in doing:
                doing[word](rest)
            else:
                self._now.said[word] = rest
        return self._now

    def _from(self, rest: str) -> None:
        name = rest.partition(" AS ")[2] or f"stage{len(self._stages)}"
        self._now = self._stages[name] = Stage(self._place / name)
        self._now.root.mkdir()

    def _env(self, rest: str) -> None:
        self._now.env |= dict(pair.split("=", 1) for pair in shlex.split(rest))

    def _run(self, rest: str) -> None:
        pip, places = _pip()
        bring = {**_python(), "/usr": "/usr", "/etc": "/etc", **{each: each for each in places}}
        script = f"[ -d /base ] || {_VENV}; cd {shlex.quote(self._now.workdir)}; {rest}"
        done = enter(
            self._now.root, ["/bin/sh", "-ec", script], bring, env={**pip, **self._now.env}
        )
        assert done.returncode == 0, f"RUN {rest}\n{done.stdout}{done.stderr}"

    def _copy(self, rest: str) -> None:
        words = rest.split()
        options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        *sources, target = [word for word in words if not word.startswith("--")]
        origin = self._stages[options["from"]].root if "from" in options else None
        owner = [int(id) for id in options.get("chown", "0:0").split(":")]
        for source in sources:
            found = origin / source.lstrip("/") if origin else _context(source)
            into = self._now.at(target)
            if found.is_file():
                into = into / found.name
            _copied(found, into, owner)


_VENV = "python3 -m venv /base"


def enter(
    root: Path,
    command: Sequence[str],
    bring: Mapping[str, str],
    *,
    env: Mapping[str, str],
    user: str = "0:0",
    data: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run it with `root` as the root of all files; with `data`, that is all it can write to.

    Args:
        bring: what of this machine is there, read-only: where from and where to.
    """
    links = [each for each in (*_LIBRARIES, "/bin", "/sbin") if Path(each).is_symlink()]
    own = {
        "LINKS": " ".join(links if "/usr" in bring else set(links) & set(_LIBRARIES)),
        "BRING": " ".join(f"{source}={target}" for source, target in bring.items()),
        "DATA": str(data or ""),
        "AS": user,
        "PATH": _PATH,
        "LD_LIBRARY_PATH": "/usr/local/lib",
    }
    apart = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork"]
    return subprocess.run(
        [*apart, "/bin/sh", "-c", _ENTER, "sh", str(root), *command],
        env={**env, **own},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


def runtime() -> dict[str, str]:
    """What a base image without a shell has: Python, the system's libraries, certificates."""
    libraries = [each for each in _LIBRARIES if not Path(each).is_symlink()]
    places = [*libraries, "/usr/lib", "/usr/lib64", *_PLAIN]
    return {each: each for each in places if Path(each).exists()} | _python()


def _python() -> dict[str, str]:
    """This machine's Python: where it is, or at /usr/local when it is in somebody's home."""
    if sys.base_prefix != "/usr":
        return {sys.base_prefix: "/usr/local"}
    real = os.path.realpath(sys.executable)
    return {real: "/usr/bin/python3"}


def _pip() -> tuple[dict[str, str], set[str]]:
    """This machine's way to packages, as variables, and the folders it leads through.

    The files of an index that is a folder lie beside it.
    """
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    known = dict(line.split("=", 1) for line in listed.splitlines())
    values = {
        "PIP_" + name.split(".", 1)[1].upper().replace("-", "_"): shlex.split(value)[0]
        for name, value in known.items()
        if name.startswith(("global.", "install."))
    }
    here = os.environ  # noqa: TID251 - pip's variables, not ours
    values |= {name: value for name, value in here.items() if name.startswith("PIP_")}
    words = " ".join(values.values()).replace("file://", " ").split()
    places = {Path(word) for word in words if word.startswith("/") and Path(word).is_dir()}
    beside = {place.parent if len(place.parts) > 3 else place for place in places}
    return values, {str(each) for each in beside if each.parts[1] not in {"etc", "usr"}}


def _context(source: str) -> Path:
    """A file that the .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert "*" in lines
    assert f"!{source.split('/', maxsplit=1)[0]}" in lines, f".dockerignore keeps {source} out"
    return ROOT / source


def _copied(source: Path, target: Path, owner: Sequence[int]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copy(source, target)
    else:
        left_out = shutil.ignore_patterns("__pycache__") if ROOT in source.parents else None
        shutil.copytree(source, target, ignore=left_out, dirs_exist_ok=True, symlinks=True)
    for path in (target, *target.rglob("*")):
        os.chown(path, *owner, follow_symlinks=False)

"""Commits of one Job's revision, in files nobody thought of: each other byte stays as it was."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gittree import planned
from bot.ports.git import File

END = st.sampled_from(["\n", "\r\n"])
COMMENT = st.text(
    st.characters(blacklist_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"]),
    max_size=12,
)
QUOTES = st.sampled_from(["", '"', "'"])
KEY, REVISION = ("metadata", "name"), ("metadata", "annotations", "example.org/run-rev")
NAME = "run-2026-01-02-03"
IMAGE = ("spec", "template", "spec", "containers", "name=run", "image")
OLD = (NAME, "2026-01-02-03", "example.org/run:1")
NEW = ("run-2026-02-03-01", "2026-02-03-01", "example.org/run@sha256:0f")


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], str]:
    """The texts between the three scalars of one Job among other documents, and their quotes."""
    end, note, quote = draw(END), f"# → {draw(COMMENT)} {NAME}", draw(QUOTES)
    others = [f"kind: Job{draw(END)}metadata:{end}  name: other{n}{draw(END)}" for n in range(2)]
    before = f"{note}{end}" + "".join(
        f"{other}---{draw(END)}" for other in others if draw(st.booleans())
    )
    parts = [
        f"{before}kind: Job{draw(END)}metadata:{end}  name: {quote}",
        f"{quote}  {note}{draw(END)}  annotations:{end}    example.org/run-rev: {quote}",
        f"{quote}{draw(END)}spec:{end}  template:{end}    spec:{draw(END)}      containers:{end}"
        f"      - name: sidecar{end}        image: a{draw(END)}"
        f"      - name: run{draw(END)}        image: {quote}",
        f"{quote}  {note}{draw(END)}" + draw(st.sampled_from(["", "---\nkind: Other\n", "\n\n"])),
    ]
    return parts, quote


@settings(deadline=None)
@given(files(), st.booleans())
def test_only_the_scalars_of_the_one_document_change(
    made: tuple[list[str], str], pinned: bool
) -> None:
    (first, second, third, last), _ = made
    before = first + OLD[0] + second + OLD[1] + third + OLD[2] + last
    image = NEW[2] if pinned else OLD[2]
    after = first + NEW[0] + second + NEW[1] + third + image + last
    more = ((REVISION, NEW[1]), *(((IMAGE, NEW[2]),) if pinned else ()))
    which = ((("kind",), "Job"), (KEY, NAME))
    edit = planned(File("job.yaml", "0" * 40, before.encode()), KEY, NEW[0], which, more=more)
    wanted = planned(
        File("job.yaml", "0" * 40, after.encode()), KEY, NEW[0], (which[0], (KEY, NEW[0]))
    )

    assert edit.before == NAME
    assert edit.blob_after == wanted.blob_before
    assert edit.diff.count("\n+") - 1 == 2 + pinned

"""`!guide check`"""

from bot.cards import Card, Mark, code, counted, plain, text_file
from bot.clock import Clock
from bot.command import command
from bot.guidecheck import GuideCheck
from bot.guidefacts import Verdict
from bot.scope import Guide

_SIGNS = {True: "✔", False: "✘", None: "?"}
_SHOWN = 220
"""Characters of one line on the card; the file has all."""


@command(
    "guide check",
    manual=("read the operations guide beside the repository, the cluster and the portal",),
    examples=("!guide check",),
)
async def check(*, guide_check: GuideCheck, guide: Guide, clock: Clock) -> Card:
    """Check what the operations guide claims against the repository, the cluster and its hours."""
    found = await guide_check.verdicts()
    wrong = [each for each in found if each.ok is False]
    blind = [each for each in found if each.ok is None]
    every = "\n".join(f"{_line(each)} [{each.claim.line.section}]" for each in found)
    file = text_file(f"guide-{clock.now():%Y-%m-%d}.txt", f"{every}\n")
    return Card(
        Mark.WARNING if wrong or blind or not found else Mark.OK,
        _title(guide.path, found, wrong),
        (
            *(plain(_cut(_line(each))) for each in (*wrong, *blind)),
            f"✔ {counted(len(found) - len(wrong) - len(blind), 'claim')} hold; "
            f"the file names each with its evidence",
        ),
        next=('!schedule add guide "0 17 * * *" !guide check', "!report daily"),
        files=(file,),
    )


def _title(path: str, found: list[Verdict], wrong: list[Verdict]) -> str:
    if not found:
        return f"{code(path)} claims nothing that can be checked"
    if not wrong:
        return f"{counted(len(found), 'claim')} of {code(path)} checked, none is wrong"
    return f"{len(wrong)} of {counted(len(found), 'claim')} of {code(path)} do not hold"


def _line(each: Verdict) -> str:
    return f"{_SIGNS[each.ok]} line {each.claim.line.number}, {each.said}: {each.evidence}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

"""Change one scalar of a YAML text that stands as a literal block in another YAML text.

Helm values in an Argo CD application and files in a ConfigMap are such blocks. The inner text is
edited by `bot.scalar`; of the outer text exactly the same line changes.
"""

from __future__ import annotations

from bot import scalar
from bot.errors import Refused
from bot.scalar import KeyPath, Selector
from bot.yamlfile import BOM, BY_HAND, decoded


def read(
    content: bytes, key: KeyPath, inside: KeyPath = (), document: Selector | None = None
) -> str:
    """The scalar at `key`, or the one at `inside` in the text there. Raises Refused."""
    text = scalar.read(content, key, document)
    return scalar.read(text.encode(), inside) if inside else text


def replace(
    content: bytes,
    key: KeyPath,
    value: str | int,
    inside: KeyPath = (),
    document: Selector | None = None,
) -> bytes:
    """As `bot.scalar.replace`; with `inside`, of the text that stands at `key`."""
    if not inside:
        return scalar.replace(content, key, value, document)
    text = decoded(content)
    node = scalar.node_of(text, key, document)
    if node.style != "|" or text[node.start_mark.index] != "|":
        raise Refused(f"{'.'.join(key)} is no literal block.", BY_HAND)
    inner = str(node.value)
    changed = scalar.replace(inner.encode(), inside, value).decode()
    edited = _spliced(text, node.start_mark.line + 1, inner, changed)
    _verify(text, edited, inner, changed)
    bom = BOM if content.startswith(BOM.encode()) else ""
    return (bom + edited).encode()


def _spliced(text: str, first: int, inner: str, changed: str) -> str:
    """The outer text with the one line of the block, which begins at line `first`, changed."""
    lines = text.split("\n")
    pairs = zip(inner.split("\n"), changed.split("\n"), strict=True)
    for number, (old, new) in enumerate(pairs, first):
        if old != new:
            ending = "\r" if lines[number].endswith("\r") else ""
            line = lines[number].removesuffix("\r")
            indent = line.removesuffix(old)
            if indent + old != line or indent.strip(" "):
                raise Refused("The block's lines cannot be found again in the file.", BY_HAND)
            lines[number] = indent + new + ending
    return "\n".join(lines)


def _verify(before: str, after: str, inner: str, changed: str) -> None:
    """Raises Refused unless the block alone says something else now."""
    old, new = (scalar.sayings(text) for text in (before, after))
    differing = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
    expected = [("|", inner), ("|", changed)] if inner != changed else []
    found = [(said[4], said[3]) for pair in differing for said in pair]
    if len(old) != len(new) or found != expected:
        raise Refused("Changing the block would change something else too.", BY_HAND)

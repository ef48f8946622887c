"""YAML that others wrote, read only as far as that is safe.

A file may be empty, binary, huge, nested without end, or unfold to more than memory holds; each is
a sentence here, never a crash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import yaml

from bot.errors import Refused
from bot.jsontext import whole

Made = TypeVar("Made")

LARGEST = 256 * 1024
"""Bytes of a file that is still read: PyYAML needs seconds for more."""
MOST_NODES = 100_000
"""Nodes a file may unfold to through its aliases."""
BOM = "\ufeff"
BY_HAND = "Change it by hand, or take out what is in the way"
_LINE_ENDS = re.compile("[\x00\u0085\u2028\u2029]|\r(?!\n)")


class Loader(yaml.SafeLoader):
    """Reads no text that could not be sent and stored: YAML can spell half of a character too."""

    def compose_scalar_node(self, anchor: dict[Any, yaml.Node]) -> yaml.ScalarNode:
        """A scalar as it may go on."""
        node = super().compose_scalar_node(anchor)
        node.value = whole(node.value)
        return node


def load(content: bytes) -> object:
    """The values of a file with one document; None when it is empty. Raises Refused."""
    text = decoded(content)
    if len(found := documents(text)) > 1:
        raise Refused(f"The file has {len(found)} documents; one is expected.", BY_HAND)
    # From the node there is: to parse a file takes longer than all else that is done with it.
    return guarded(lambda: Loader("").construct_document(found[0])) if found else None


def decoded(content: bytes) -> str:
    """The text without its byte order mark. Raises Refused."""
    if len(content) > LARGEST:
        size = f"{len(content) // 1024} KiB"
        raise Refused(f"The file has {size}; at most {LARGEST // 1024} are read.", BY_HAND)
    try:
        text = content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        raise Refused(f"The file is not UTF-8 (byte {error.start}).", BY_HAND) from None
    if _LINE_ENDS.search(text):
        raise Refused("The file holds a character that ends lines for some readers.", BY_HAND)
    return text


def documents(text: str) -> list[yaml.Node]:
    """The root node of each document that is not empty. Raises Refused."""
    found = guarded(lambda: [*yaml.compose_all(text, Loader=Loader)])
    roots = [node for node in found if node is not None and not _empty(node)]
    if guarded(lambda: _unfolded(roots)) > MOST_NODES:
        raise Refused("The file's aliases unfold to more than can be read.", BY_HAND)
    return roots


def children(node: yaml.Node) -> Iterator[yaml.Node]:
    """The nodes directly below: keys and values, or items."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from (name, value)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def guarded(work: Callable[[], Made]) -> Made:
    """What PyYAML makes of a text. Raises Refused for whatever it raises.

    Its constructors let ValueError through, for a date that does not exist.
    """
    try:
        return work()
    except RecursionError:
        raise Refused("The file is nested too deeply to be read.", BY_HAND) from None
    except ValueError as error:
        raise Refused(f"The file holds a value nobody can read: {error}.", BY_HAND) from None
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or ""
        where = f" at line {mark.line + 1}" if mark else ""
        why = ": a tab stands where only spaces may" if "'\\t'" in problem else ""
        raise Refused(f"The file is no valid YAML{where}{why}.", "Mend it by hand first") from None


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value == ""


def _unfolded(roots: list[yaml.Node]) -> int:
    """How many nodes these stand for. A node that holds itself stands for too many."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = MOST_NODES + 1
            sizes[id(node)] = 1 + sum(size(child) for child in children(node))
        return sizes[id(node)]

    return sum(size(root) for root in roots)

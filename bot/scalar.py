"""Change exactly one scalar of a YAML text and not one byte more.

PyYAML says where the scalar's token stands; the text is spliced there and verified. A round trip
through a YAML library would rewrite line ends, quotes and comments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from bot.errors import Refused

KeyPath = tuple[str, ...]
Selector = Mapping[KeyPath, str]
"""Which document of several: scalars it must have, such as `("kind",): "CronJob"`."""

_BOM = "\ufeff"
_UNSAFE = re.compile("[\x00\u0085\u2028\u2029]")
_TAB = re.compile(r":[ ]*\t")
_BY_HAND = "Change it by hand, or take out what is in the way"


def read(content: bytes, key: KeyPath, document: Selector | None = None) -> str:
    """The scalar's value as text. Raises Refused."""
    text = _decoded(content)
    return str(_node(text, key, document).value)


def replace(
    content: bytes, key: KeyPath, value: str | int, document: Selector | None = None
) -> bytes:
    """The content with that scalar changed and every other byte as it was.

    Raises Refused when the scalar is not there, not unique, or cannot be changed safely: anchors,
    aliases, merge keys, blocks, several lines, an empty value.
    """
    text = _decoded(content)
    node = _node(text, key, document)
    token = _token(text, node, key)
    old = text[token.start_mark.index : token.end_mark.index]
    new = _literal(value, old, key)
    edited = text[: token.start_mark.index] + new + text[token.end_mark.index :]
    _verify(text, edited, key, value, document)
    bom = _BOM if content.startswith(_BOM.encode()) else ""
    return (bom + edited).encode()


def diff(path: str, before: bytes, after: bytes) -> str:
    """The lines that differ, as a unified diff without context reads; empty when none do."""
    old, new = _lines(before), _lines(after)
    rows = [(i, a, b) for i, (a, b) in enumerate(zip(old, new, strict=False), 1) if a != b]
    if not rows:
        return ""
    shown = [f"--- a/{path}", f"+++ b/{path}"]
    for number, a, b in rows:
        shown += [f"@@ -{number} +{number} @@", f"-{a}", f"+{b}"]
    return "\n".join(shown)


def _lines(content: bytes) -> list[str]:
    return [line.removesuffix("\r") for line in content.decode("utf-8", "replace").split("\n")]


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise Refused(f"The file is not UTF-8 (byte {error.start}).", _BY_HAND) from None
    if _UNSAFE.search(text):
        raise Refused("The file holds a character that ends lines for some readers.", _BY_HAND)
    if _TAB.search(text):
        raise Refused("The file holds a tab after a colon, which readers disagree on.", _BY_HAND)
    return text


def _documents(text: str) -> list[yaml.Node]:
    try:
        return [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise Refused(f"The file is no valid YAML{where}.", "Mend it by hand first") from None


def _node(text: str, key: KeyPath, document: Selector | None) -> yaml.ScalarNode:
    node = _walk(_document(text, document), key)
    if not isinstance(node, yaml.ScalarNode):
        raise Refused(f"{_name(key)} is no single value.", _BY_HAND)
    return node


def _document(text: str, wanted: Selector | None) -> yaml.Node:
    found = [node for node in _documents(text) if wanted is None or _matches(node, wanted)]
    if len(found) != 1:
        which = "no document" if not found else f"{len(found)} documents"
        raise Refused(f"The file has {which} to change.", "Name one by its kind and name")
    return found[0]


def _matches(node: yaml.Node, wanted: Selector) -> bool:
    for key, value in wanted.items():
        try:
            found = _walk(node, key)
        except Refused:
            return False
        if not isinstance(found, yaml.ScalarNode) or found.value != value:
            return False
    return True


def _walk(node: yaml.Node, key: KeyPath) -> yaml.Node:
    for depth, part in enumerate(key, 1):
        if not isinstance(node, yaml.MappingNode):
            raise Refused(f"{_name(key[:depth])} is not there.", "Check the key and the file")
        if any(name.value == "<<" for name, _ in node.value):
            raise Refused(f"{_name(key[:depth])} stands beside a merge key.", _BY_HAND)
        values = [value for name, value in node.value if name.value == part]
        if not values:
            raise Refused(f"{_name(key[:depth])} is not there.", "Check the key and the file")
        if len(values) > 1:
            raise Refused(f"{_name(key[:depth])} stands there {len(values)} times.", _BY_HAND)
        node = values[0]
    return node


def _token(text: str, node: yaml.ScalarNode, key: KeyPath) -> yaml.ScalarToken:
    """The token of the value itself: a node begins before its tag or anchor."""
    before: yaml.Token | None = None
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.ScalarToken) and token.end_mark.index == node.end_mark.index:
            _check_token(text, token, before, key)
            if _aliased(text, node):
                raise Refused(f"{_name(key)} is an alias of another value.", _BY_HAND)
            return token
        before = token
    raise Refused(f"{_name(key)} is empty: there is no value to change.", _BY_HAND)


def _check_token(
    text: str, token: yaml.ScalarToken, before: yaml.Token | None, key: KeyPath
) -> None:
    literal = text[token.start_mark.index : token.end_mark.index]
    if isinstance(before, yaml.AnchorToken | yaml.TagToken):
        raise Refused(f"{_name(key)} has an anchor or a tag.", _BY_HAND)
    if token.style in {"|", ">"} or "\n" in literal:
        raise Refused(f"{_name(key)} goes over several lines.", _BY_HAND)


def _aliased(text: str, node: yaml.ScalarNode) -> bool:
    """Whether the way to this node led over `*name`: it then stands in the tree twice."""
    count = 0
    for document in _documents(text):
        for other in _nodes(document):
            same = other.start_mark.index == node.start_mark.index
            count += isinstance(other, yaml.ScalarNode) and same
    return count > 1


def _nodes(node: yaml.Node) -> Iterator[yaml.Node]:
    yield node
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _nodes(name)
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _nodes(value)


def _literal(value: str | int, old: str, key: KeyPath) -> str:
    """The new value, written in the style of the old one."""
    text = str(value)
    if not text.isprintable():
        raise Refused(f"The new value of {_name(key)} holds control characters.", "Leave them out")
    if old.startswith('"'):
        return json.dumps(text, ensure_ascii=False)
    if old.startswith("'"):
        return "'" + text.replace("'", "''") + "'"
    return text if _plain_means(text, value) else json.dumps(text, ensure_ascii=False)


def _plain_means(text: str, value: str | int) -> bool:
    """Whether the text without quotes would be read back as this very value."""
    try:
        return bool(yaml.safe_load(f"key: {text} # end") == {"key": value})
    except yaml.YAMLError:
        return False


def _verify(
    before: str, after: str, key: KeyPath, value: str | int, document: Selector | None
) -> None:
    old, new = before.split("\n"), after.split("\n")
    differing = sum(a != b for a, b in zip(old, new, strict=False))
    if len(old) != len(new) or differing > 1:
        raise Refused(f"Changing {_name(key)} would change more than one line.", _BY_HAND)
    expected = list(yaml.safe_load_all(before))
    found = list(yaml.safe_load_all(after))
    index = _index(before, document)
    _set(expected[index], key, _get(found[index], key))
    if expected != found or str(_get(found[index], key)) != str(value):
        raise Refused(f"Changing {_name(key)} would change something else too.", _BY_HAND)


def _index(text: str, document: Selector | None) -> int:
    """Where the document stands among those that a loader gives, empty ones included."""
    for i, node in enumerate(yaml.compose_all(text, Loader=yaml.SafeLoader)):
        if node is not None and (document is None or _matches(node, document)):
            return i
    return 0


def _get(tree: Any, key: KeyPath) -> Any:
    for part in key:
        tree = tree[_real_key(tree, part)]
    return tree


def _set(tree: Any, key: KeyPath, value: Any) -> None:
    inner = _get(tree, key[:-1])
    inner[_real_key(inner, key[-1])] = value


def _real_key(tree: Mapping[Any, Any], part: str) -> Any:
    """The key as the loader made it: an unquoted `8080` is a number."""
    return part if part in tree else next((k for k in tree if str(k) == part), part)


def _name(key: KeyPath) -> str:
    return ".".join(key)

"""Change exactly one scalar of a YAML text and not one byte more.

PyYAML says where the scalar's token stands; the text is spliced there and verified. A round trip
through a YAML library would rewrite line ends, quotes and comments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import yaml

from bot.errors import Refused
from bot.yamlfile import BOM, BY_HAND, children, decoded, documents, guarded

KeyPath = tuple[str, ...]
"""Keys from the document down. In a list `name=web` is the one item whose `name` is `web`."""
Selector = Mapping[KeyPath, str]
"""Which document of several: scalars it must have, such as `("kind",): "CronJob"`."""

_WIDEST = 1000
"""Characters of a line that is still changed: nobody can review a longer one in chat."""
_NUMBER_ELSEWHERE = re.compile(
    r"[-+]?(?:0[ob][0-7_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|\.[0-9]+(?:e[-+]?[0-9]+)?)"
    r"|[yn]",
    re.IGNORECASE,
)
"""What YAML 1.2, Go or the YAML 1.1 text read as a number or a truth where PyYAML reads a text."""


def read(content: bytes, key: KeyPath, document: Selector | None = None) -> str:
    """The scalar's value as text. Raises Refused."""
    _, way = _way(decoded(content), key, document)
    return str(_scalar(way, key).value)


def replace(
    content: bytes, key: KeyPath, value: str | int, document: Selector | None = None
) -> bytes:
    """The content with that scalar changed and every other byte as it was.

    Raises Refused when the scalar is not there, not unique, or cannot be changed safely: anchors,
    aliases, merge keys, blocks, several lines, an empty value.
    """
    text = decoded(content)
    everything, way = _way(text, key, document)
    if _shared(everything, way):
        raise Refused(f"{_name(key)} is shared with another place by an alias.", BY_HAND)
    token = _token(text, _scalar(way, key), key)
    start, end = token.start_mark.index, token.end_mark.index
    edited = text[:start] + _literal(value, text[start:end], key) + text[end:]
    _verify(text, edited, token, key, written(value))
    bom = BOM if content.startswith(BOM.encode()) else ""
    return (bom + edited).encode()


def written(value: str | int) -> str:
    """The value as YAML writes it: a truth is `true` or `false`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def node_of(text: str, key: KeyPath, document: Selector | None = None) -> yaml.ScalarNode:
    """The scalar's node in a decoded text. Raises Refused, as `replace` does."""
    everything, way = _way(text, key, document)
    if _shared(everything, way):
        raise Refused(f"{_name(key)} is shared with another place by an alias.", BY_HAND)
    return _scalar(way, key)


def sayings(text: str) -> list[tuple[object, ...]]:
    """All that the text says, in order: kind, anchor, tag, value and style of each part."""
    return [said for _, said in _events(text)]


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


def _way(
    text: str, key: KeyPath, wanted: Selector | None
) -> tuple[list[yaml.Node], list[yaml.Node]]:
    """Every document of the text, and the nodes that lead to the key, its document first."""
    everything = documents(text)
    return everything, _walk(_document(everything, wanted), key)


def _scalar(way: list[yaml.Node], key: KeyPath) -> yaml.ScalarNode:
    if not isinstance(way[-1], yaml.ScalarNode):
        raise Refused(f"{_name(key)} is no single value.", BY_HAND)
    return way[-1]


def _document(everything: list[yaml.Node], wanted: Selector | None) -> yaml.Node:
    found = [node for node in everything if wanted is None or _matches(node, wanted)]
    if not everything:
        raise Refused("The file is empty.", "Check that it is the file you mean")
    if len(found) != 1:
        which = "no such document" if not found else f"{len(found)} documents that may be meant"
        raise Refused(f"The file has {which}.", "Name one by its kind and name")
    return found[0]


def _matches(node: yaml.Node, wanted: Selector) -> bool:
    for key, value in wanted.items():
        try:
            found = _walk(node, key)[-1]
        except Refused:
            return False
        if not isinstance(found, yaml.ScalarNode) or found.value != value:
            return False
    return True


def _walk(node: yaml.Node, key: KeyPath) -> list[yaml.Node]:
    way = [node]
    for depth, part in enumerate(key, 1):
        node = _below(node, part, _name(key[:depth]))
        way.append(node)
    return way


def _below(node: yaml.Node, part: str, name: str) -> yaml.Node:
    """The node one step further, which is called `name`."""
    if isinstance(node, yaml.MappingNode):
        if any(key.value == "<<" for key, _ in node.value):
            raise Refused(f"{name} stands beside a merge key.", BY_HAND)
        values: list[yaml.Node] = [value for key, value in node.value if key.value == part]
    elif isinstance(node, yaml.SequenceNode) and "=" in part:
        key, _, value = part.partition("=")
        values = [item for item in node.value if _matches(item, {(key,): value})]
    else:
        values = []
    if not values:
        raise Refused(f"{name} is not there.", "Check the key and the file")
    if len(values) > 1:
        raise Refused(f"{name} stands there {len(values)} times.", BY_HAND)
    return values[0]


def _token(text: str, node: yaml.ScalarNode, key: KeyPath) -> yaml.ScalarToken:
    """The token of the value itself: a node begins before its tag or anchor.

    An empty value has none; where it ends, its key may end too.
    """
    start, end = node.start_mark.index, node.end_mark.index
    before: yaml.Token | None = None
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.ScalarToken) and token.end_mark.index == end > start:
            _check_token(text, token, before, key)
            return token
        before = token
    raise Refused(f"{_name(key)} is empty: there is no value to change.", BY_HAND)


def _check_token(
    text: str, token: yaml.ScalarToken, before: yaml.Token | None, key: KeyPath
) -> None:
    literal = text[token.start_mark.index : token.end_mark.index]
    if isinstance(before, yaml.AnchorToken | yaml.TagToken):
        raise Refused(f"{_name(key)} has an anchor or a tag.", BY_HAND)
    if token.style in {"|", ">"} or "\n" in literal:
        raise Refused(f"{_name(key)} goes over several lines.", BY_HAND)


def _shared(everything: list[yaml.Node], way: list[yaml.Node]) -> bool:
    """Whether a node on the way stands in the tree twice: a change here would be one there."""
    times = {id(node): 0 for node in way}
    seen: set[int] = set()
    rest = list(everything)
    while rest:
        node = rest.pop()
        times[id(node)] = times.get(id(node), 0) + 1
        if id(node) not in seen:
            seen.add(id(node))
            rest += children(node)
    return any(times[id(node)] > 1 for node in way)


def _literal(value: str | int, old: str, key: KeyPath) -> str:
    """The new value, written in the style of the old one."""
    text = written(value)
    if not text.isprintable():
        raise Refused(f"The new value of {_name(key)} holds control characters.", "Leave them out")
    if old.startswith('"'):
        return json.dumps(text, ensure_ascii=False)
    if old.startswith("'"):
        return "'" + text.replace("'", "''") + "'"
    return text if _plain_means(text, value) else json.dumps(text, ensure_ascii=False)


def _plain_means(text: str, value: str | int) -> bool:
    """Whether every reader takes the text without quotes for this very value."""
    if isinstance(value, str) and _NUMBER_ELSEWHERE.fullmatch(text):
        return False
    kind = f"tag:yaml.org,2002:{type(value).__name__}"
    try:
        found = yaml.compose(f"key: {text} # end", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    if not isinstance(found, yaml.MappingNode) or len(found.value) != 1:
        return False
    ((_, node),) = found.value
    return isinstance(node, yaml.ScalarNode) and (node.tag, node.value) == (kind, text)


def _verify(before: str, after: str, token: yaml.ScalarToken, key: KeyPath, value: str) -> None:
    """Raises Refused unless one line differs, and in it this one scalar."""
    old, new = before.split("\n"), after.split("\n")
    differing = [line for pair in zip(old, new, strict=False) if len({*pair}) > 1 for line in pair]
    if len(old) != len(new) or len(differing) > 2:
        raise Refused(f"Changing {_name(key)} would change more than one line.", BY_HAND)
    if any(len(line) > _WIDEST for line in differing):
        raise Refused(f"{_name(key)} stands on a line too long to be reviewed.", BY_HAND)
    expected, found = _events(before), _events(after)
    at = [end for end, _ in expected].index(token.end_mark.index)
    expected.pop(at)
    _, changed = found.pop(at)
    others = [said for _, said in expected] == [said for _, said in found]
    if not others or changed[:4] != ("ScalarEvent", None, None, value):
        raise Refused(f"Changing {_name(key)} would change something else too.", BY_HAND)


def _events(text: str) -> list[tuple[int, tuple[object, ...]]]:
    """All that the text says, in order: where a scalar ends (-1: no scalar), and what it is."""
    parts = ("anchor", "tag", "value", "style", "flow_style")
    return [
        (
            event.end_mark.index if isinstance(event, yaml.ScalarEvent) and event.end_mark else -1,
            (type(event).__name__, *(getattr(event, part, None) for part in parts)),
        )
        for event in guarded(lambda: [*yaml.parse(text, Loader=yaml.SafeLoader)])
    ]


def _name(key: KeyPath) -> str:
    return ".".join(key)

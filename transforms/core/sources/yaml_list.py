"""YAML lists: a list of sources, or one under ``sources:``; read node by node, so that every key has its line.

Values pass through PyYAML's safe constructor only, and aliases are refused: a list needs none, and nested ones grow
without bound when printed.
"""

from __future__ import annotations

import yaml

from transforms.core.sources.checks import unknown_key
from transforms.core.sources.records import RawList, RawSource, SourceError

LIST_NAMES = ("sources", "source", "feeds", "feed")


class _BadList(Exception):
    """A list that cannot be read on: ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(line, message)
        self.line = line
        self.message = message


def read_yaml(text: str, name: str) -> RawList:
    """Sources and errors.  A plain text in the list is the URL of a source without more."""
    try:
        return RawList(tuple(_source(item) for item in _items(_root(text))))
    except _BadList as error:
        problem = SourceError(name, error.line, error.message)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = SourceError(name, line, f"YAML: {error.problem}")
    except yaml.YAMLError as error:  # the reader's, on characters that YAML forbids
        problem = SourceError(name, 0, f"YAML: {' '.join(str(error).split())}")
    except RecursionError:
        problem = SourceError(name, 0, "YAML: nested too deep")
    return RawList(errors=(problem,))


def _root(text: str) -> yaml.Node | None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _BadList(_line(event), f"alias *{event.anchor}: write the value out")
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _items(root: yaml.Node | None) -> list[yaml.Node]:
    if root is None:
        return []
    if isinstance(root, yaml.SequenceNode):
        return list(root.value)
    if not isinstance(root, yaml.MappingNode):
        raise _BadList(_line(root), "neither a list of sources nor a mapping with 'sources'")
    return [item for key, value in root.value for item in _listed(key, value)]


def _listed(key: yaml.Node, value: yaml.Node) -> list[yaml.Node]:
    if key.value not in LIST_NAMES:
        raise _BadList(_line(key), unknown_key(str(key.value), LIST_NAMES))
    if not isinstance(value, yaml.SequenceNode):
        raise _BadList(_line(value), f"{key.value!r} must be a list")
    return list(value.value)


def _source(item: yaml.Node) -> RawSource:
    if isinstance(item, yaml.ScalarNode):
        return RawSource(_line(item), (("url", item.value),))
    if not isinstance(item, yaml.MappingNode):
        raise _BadList(_line(item), "a source is a mapping of keys, or a URL")
    lines: dict[str, int] = {}
    for key, _ in item.value:
        if str(key.value) in lines:
            raise _BadList(_line(key), f"key {key.value!r} twice in one source")
        lines[str(key.value)] = _line(key)
    values = tuple((str(key.value), _constructed(value)) for key, value in item.value)
    return RawSource(_line(item), values, tuple(lines.items()))


def _constructed(node: yaml.Node) -> object:
    """The plain value of a node: text, number, list …"""
    if isinstance(node, yaml.SequenceNode) and node.tag == yaml.resolver.BaseResolver.DEFAULT_SEQUENCE_TAG:
        return [_constructed(child) for child in node.value]
    constructor = yaml.constructor.SafeConstructor()
    try:
        return constructor.construct_document(node)
    except ValueError as error:  # an impossible date, a number of 5,000 digits
        raise _BadList(_line(node), f"YAML: {error}") from error


def _line(placed: yaml.Node | yaml.Event) -> int:
    """Counted from 1; 0 for what PyYAML made up itself, which has no place."""
    return placed.start_mark.line + 1 if placed.start_mark else 0

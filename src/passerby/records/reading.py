"""Reads a YAML file that a person wrote: safely, strictly, and with the line of every mistake.

Refused before anything is built: files over 1 MiB, aliases (with which a short file unfolds into gigabytes), tags, deep
nesting, what takes long to read, and a key that is written twice, of which YAML would silently keep the last.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from passerby.errors import ConfigError

MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 16
_MAX_VALUE = 16 * 1024
"""Characters. YAML has numbers to the base 60, 1:59:59, of which a MiB takes minutes to read."""
_MAX_EVENTS = 200_000
"""Values, and the beginnings and ends of what they stand in."""
MOST_PROBLEMS = 200
"""So many mistakes are told at once."""
Location = tuple[str | int, ...]
Problem = tuple[int, str]


# libyaml's, where PyYAML was built with it, as its wheels are: a MiB of commas takes 3 s, and 20 s without.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # both are the same to who asks
    """YAML's safe loader, without dates: `2024-01-01` stays a text, as a name would be."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where.

    Attributes:
        data: mappings, lists, texts and numbers.
        problems: keys that are written twice, each with its line.
        lines: the line of each place, from 1.
    """

    data: Any
    problems: tuple[Problem, ...]
    lines: dict[Location, int]

    def line(self, location: Location) -> int:
        """The line of a place, or of the nearest one around it that is in the file."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)


def read_yaml(path: Path, example: str = "passerby init") -> Document:
    """Reads one document.

    Args:
        path: of the file.
        example: command that writes an example, for who has none.

    Raises:
        ConfigError: the file cannot be read, is too large, or is not plain YAML.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        what_to_do = f"name where it is, or `{example}` writes an example"
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); {what_to_do}"]) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError([f"{path}: larger than 1 MiB; a configuration of 100 cameras has some 50 KiB"])
    try:
        return parse_yaml(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"]) from None
    except yaml.YAMLError as error:
        raise ConfigError([f"{path}{_where(error)}"]) from None


def parse_yaml(text: str) -> Document:
    """Takes the text of one document apart.

    Raises:
        yaml.YAMLError: it is not plain YAML.
    """
    _refuse_bombs(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Document({}, (), {})
        lines: dict[Location, int] = {}
        problems: list[Problem] = []
        _walk(node, (), lines, problems)
        data = loader.construct_document(node)
    except (ValueError, OverflowError) as error:
        raise yaml.YAMLError(f"a value cannot be read: {error}") from None
    finally:
        loader.dispose()
    return Document({} if data is None else data, tuple(problems), lines)


def refused(path: Path, problems: list[Problem]) -> ConfigError:
    """A file with its mistakes, by line; of very many the first ones."""
    told = [f"{path}, line {line}: {text}" for line, text in sorted(problems)[:MOST_PROBLEMS]]
    more = [f"{path}: there are more mistakes; mend these first"] if len(problems) > MOST_PROBLEMS else []
    return ConfigError(told + more)


def path_text(location: Location) -> str:
    """A place as people write it: `cameras[0].lines[1].from`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" if text else _printable(part)
    return text or "the file"


def _printable(text: str) -> str:
    return re.sub(r"[^\w .-]", "?", text)[:64]


def _refuse_bombs(text: str) -> None:
    """Looks through the events of the parser, which needs no memory to speak of."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("aliases (*name) are refused; write the value out", event)
        if getattr(event, "tag", None) is not None:
            raise _refusal("tags (!name) are refused; write a plain value", event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise _refusal("nested too deeply", event)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > _MAX_VALUE:
            raise _refusal(f"a value of more than {_MAX_VALUE} characters", event)
        if isinstance(event, yaml.ScalarEvent) and "\0" in event.value:
            raise _refusal("a character that no text has (NUL)", event)
        if number > _MAX_EVENTS:
            raise _refusal("too many values; a configuration of 1000 cameras has fewer", event)


def _refusal(text: str, event: yaml.Event) -> yaml.YAMLError:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return yaml.YAMLError(f"line {line}: {text}")


def _walk(node: yaml.Node, location: Location, lines: dict[Location, int], problems: list[Problem]) -> None:
    """Notes the line of each place and the keys that stand twice."""
    lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*location, index), lines, problems)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        place = (*location, name)
        if name in seen:
            problems.append((line, f"{path_text(place)}: written twice; keep one of them"))
        seen.add(name)
        lines.setdefault(place, line)
        _walk(value, place, lines, problems)


def _where(error: yaml.YAMLError) -> str:
    """What a YAML error says, in one line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f", line {error.problem_mark.line + 1}: {error.problem}"
    return f", {' '.join(str(error).split())}"

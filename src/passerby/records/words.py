"""Turns the mistakes that pydantic finds into sentences: where, what, and what to write instead."""

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from passerby.records.reading import MOST_PROBLEMS, Document, Location, Problem, path_text

_SENTENCES = {
    "string_type": "write a text; put it in quotes if it looks like a number, a date, yes or no",
    "string_too_short": "must not be empty",
    "string_too_long": "at most {max_length} characters",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "int_parsing": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "finite_number": "write a finite number",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "literal_error": "write {expected}",
    "missing": "is missing; it has to be given",
    "tuple_type": "write a list, in [ ] or with a dash before each item",
    "too_short": "give {min_length} or more, not {actual_length}",
    "too_long": "give at most {max_length}",
}

_BRANCHING: dict[Location, str] = {
    ("model",): "write a name such as passerby-person-small, or file, family, input and threshold",
    ("web", "tls"): "write self-signed, or certificate and key",
    ("mqtt", "tls"): "write true, or ca: with the file of the authority that signed the broker's certificate",
    ("store", "series"): "write the path of a SQLite file, or url, username and a password of a ClickHouse",
    ("store", "register"): "write the path of a SQLite file, or hosts, username and a password of a PostgreSQL",
    ("mqtt", "onvif"): "write true, or prefix: with the first level of its topics",
}
"""Where either a word or keys may stand, and what to write."""


def problems_of(error: ValidationError, document: Document, root: type[BaseModel]) -> list[Problem]:
    """One sentence for each mistake, in the order of the file; of very many the first ones, as each takes a while."""
    found: dict[Location, Problem] = {}
    details = error.errors(include_url=False, include_input=False)[: MOST_PROBLEMS + 1]
    for detail in details:
        location = _in_file(detail["loc"])
        if detail["type"] == "too_short" and any(_within(other["loc"], detail["loc"]) for other in details):
            continue  # Items that are wrong are not counted; what is wrong with them is said.
        text = f"{path_text(location)}: {_sentence(detail, location, root)}"
        found.setdefault(location, (document.line(location), text))
    for branching in _BRANCHING:
        if any(_within(location, branching) for location in found):
            found.pop(branching, None)
    return list(found.values())


def _within(location: Location, outer: Location) -> bool:
    return len(location) > len(outer) and location[: len(outer)] == outer


def _in_file(location: Location) -> Location:
    """A location without the branch (a name, or keys of one's own), which is not in the file."""
    for branching in _BRANCHING:
        if _within(location, branching):
            return (*branching, *location[len(branching) + 1 :])
    return location


def _sentence(detail: ErrorDetails, location: Location, root: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if location in _BRANCHING and kind != "value_error":
        return _BRANCHING[location]
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return _unknown_key(location, root)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "write keys with values, each on its own line"
    if kind == "missing" and isinstance(location[-1], int):
        return "one more number is needed: [x, y]"
    if kind == "string_too_short" and context["min_length"] > 1:
        return f"write {context['min_length']} characters or more"
    if kind == "too_long" and location[0] == "cameras" and location[-1] in ("from", "to"):
        return "write two numbers: [x, y]"
    template = _SENTENCES.get(kind)
    return template.format(**context) if template else str(detail["msg"])


def _unknown_key(location: Location, root: type[BaseModel]) -> str:
    known = sorted(_keys_at(location[:-1], root))
    near = difflib.get_close_matches(str(location[-1]), known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"no such key; {guess}Known here: {', '.join(known)}"


def _keys_at(location: Location, root: type[BaseModel]) -> set[str]:
    """The keys that may be written at a place."""
    part: type[BaseModel] = root
    for step in location:
        if isinstance(step, str):
            field = next(f for name, f in part.model_fields.items() if step in (name, f.alias))
            part = _part_in(field.annotation) or part
    return {field.alias or name for name, field in part.model_fields.items()}


def _part_in(annotation: Any) -> type[BaseModel] | None:
    """The part of the configuration that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((part for part in map(_part_in, get_args(annotation)) if part is not None), None)

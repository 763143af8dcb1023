"""Small enough to read: functions, files and parameter lists."""

import ast
from pathlib import Path

import pytest

from tests.support.source import python_files, relative

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 5
FRAMEWORK = {"cli"}  # typer's commands: their parameters are the options that a user types

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function)]


def length(function: Function, is_command: bool) -> int:
    """Lines of a function without its docstring and decorators; of a command also without its options."""
    first = function.body[0]
    begin = first.lineno if is_command else function.lineno
    total = (function.end_lineno or function.lineno) - begin + 1
    if ast.get_docstring(function) is None:
        return total
    return total - ((first.end_lineno or first.lineno) - first.lineno + 1)


def parameters(function: Function) -> int:
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


@pytest.mark.parametrize("path", python_files("src", "tests", "scripts", "benchmarks", "training"), ids=relative)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < MAX_FILE_LINES


@pytest.mark.parametrize("path", python_files("src", "scripts", "training"), ids=relative)
def test_functions_are_short(path: Path) -> None:
    lengths = {function.name: length(function, path.parent.name in FRAMEWORK) for function in functions(path)}
    long = {name: lines for name, lines in lengths.items() if lines >= MAX_FUNCTION_LINES}
    assert not long


@pytest.mark.parametrize("path", python_files("src", "scripts", "training"), ids=relative)
def test_parameter_lists_are_short(path: Path) -> None:
    if path.parent.name in FRAMEWORK:
        return
    long = {
        function.name: parameters(function) for function in functions(path) if parameters(function) > MAX_PARAMETERS
    }
    assert not long


@pytest.mark.parametrize("path", python_files("src", "scripts", "training"), ids=relative)
def test_no_broad_except(path: Path) -> None:
    broad = [
        handler.lineno
        for handler in ast.walk(ast.parse(path.read_text()))
        if isinstance(handler, ast.ExceptHandler)
        and (handler.type is None or getattr(handler.type, "id", "") in ("Exception", "BaseException"))
    ]
    assert not broad

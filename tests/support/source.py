"""The project's own files, for the tests that read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "passerby"
_FOLDERS = ("src", "tests", "docs", "benchmarks", "scripts", "training", ".ci")


def python_files(*folders: str) -> list[Path]:
    """Python files of the named folders."""
    return sorted(path for folder in folders for path in _below(folder, "*.py"))


def _below(folder: str, pattern: str) -> Iterator[Path]:
    """Files of a folder, but not those of an environment that somebody made there."""
    yield from (path for path in (ROOT / folder).rglob(pattern) if ".venv" not in path.relative_to(ROOT).parts)


def text_files() -> list[Path]:
    """Every file of the project that a person wrote."""
    kept = {".py", ".md", ".sh", ".yml", ".yaml", ".toml", ".json", ".html", ".css", ".txt", ".typed", ""}
    below = (path for folder in _FOLDERS for path in _below(folder, "*"))
    top = (path for path in ROOT.iterdir() if path.name not in ("uv.lock", ".git"))
    files = (path for path in (*below, *top) if path.is_file() and path.suffix in kept)
    return sorted(path for path in files if "__pycache__" not in path.parts)


def documents() -> list[Path]:
    """What people read: the README and the pages under docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, those of `importlib.import_module("name")` among them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layer"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node.func):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def _is_import_call(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("import_module", "__import__")


def relative(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()

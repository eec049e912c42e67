"""YAML that people edit: read with line numbers, and errors that name file, line, what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Model = TypeVar("Model", bound=BaseModel)


class DataFileError(Exception):
    """Something in a data file is wrong. `str()` gives one line a problem: file, line, what, and how to mend it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def problem(file: Path, line: int | None, what: str, cure: str) -> str:
    """One problem as one line."""
    return f"{file}:{line or 1}: {what}. To mend it: {cure}"


def read_yaml(file: Path) -> Any:
    """The file's content, with line marks. Raises DataFileError when it is absent or is not YAML."""
    try:
        return YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataFileError([problem(file, 1, "the file is missing", "put it back from version control")]) from None
    except UnicodeDecodeError:
        raise DataFileError([problem(file, 1, "the file is not UTF-8 text", "save it as UTF-8")]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"this is not valid YAML ({error.problem})"
        raise DataFileError([problem(file, line, what, "check the indent, colons and quotes near this line")]) from None
    except YAMLError:
        raise DataFileError([problem(file, 1, "this is not valid YAML", "check indents, colons and quotes")]) from None


def line_of(node: Any, path: Sequence[Any]) -> int:
    """The line (from 1) of the value at `path` below `node`, or of the nearest parent that has one."""
    line = 1
    for key in path:
        marks = getattr(node, "lc", None)
        try:
            if marks is not None:
                where = marks.item(key) if isinstance(node, list) else marks.key(key)
                line = int(where[0]) + 1
            node = node[key]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def validated(model: type[Model], value: Any, file: Path, root: Any, path: Sequence[Any]) -> Model:
    """`value` as `model`. Raises DataFileError naming the line of each field that is wrong."""
    try:
        return model.model_validate(plain(value))
    except ValidationError as error:
        raise DataFileError(
            [
                problem(
                    file,
                    line_of(root, [*path, *found["loc"]]),
                    f"'{'.'.join(map(str, found['loc'])) or 'entry'}': {found['msg']}",
                    _cure(found["type"], found["loc"]),
                )
                for found in error.errors(include_input=False, include_url=False)
            ]
        ) from None


def plain(value: Any) -> Any:
    """Ruamel's marked containers and scalars as ordinary Python ones."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value


def _cure(kind: str, location: Sequence[Any]) -> str:
    name = location[-1] if location else "entry"
    if kind == "missing":
        return f"add a line '{name}: ...' to this entry"
    if kind == "extra_forbidden":
        return f"remove '{name}', or check how it is spelled"
    if kind.startswith("date"):
        return f"write '{name}' as a date like 2026-11-24"
    return f"correct '{name}'"

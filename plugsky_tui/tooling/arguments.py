"""From the arguments a model sent to a tool's parameters: mended where that is safe, else refused with what to send.

Mended, each with a note to the model: other names for a parameter (`path`, `filePath`), numbers and booleans
sent as strings, lists and objects sent as a string of JSON, one item where a list is wanted.
Parameters a tool does not have are left out. Then pydantic checks the rest.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.tooling.schema import Parameter, bare, parameters, signature, type_name

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

# Names that other agents' tools have for the same thing, beside what a tool itself declares by `Also`.
_ALIASES: dict[str, tuple[str, ...]] = {
    "file_path": ("path", "file", "filename", "file_name", "filepath", "target_file", "absolute_path"),
    "path": ("file_path", "dir", "directory", "folder", "dir_path", "directory_path"),
    "command": ("cmd", "script", "bash_command"),
    "content": ("contents", "text", "file_text", "file_content"),
    "old_string": ("old_str", "old_text", "old", "search"),
    "new_string": ("new_str", "new_text", "new", "replace", "replacement"),
    "pattern": ("query", "regex", "regexp", "search", "search_pattern", "glob"),
    "glob": ("include", "file_pattern", "glob_pattern", "include_pattern"),
    "timeout_s": ("timeout", "timeout_seconds"),
    "ignore_case": ("case_insensitive", "i"),
    "limit": ("head_limit", "max_results", "line_limit", "num_lines"),
    "offset": ("start_line", "line_offset"),
}


_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(tool: str, params: type[Any], arguments: dict[str, Any]) -> tuple[Any, list[str]]:
    """An instance of `params`, and a sentence for each thing mended. ToolError says which parameter is wrong and how."""
    mender = _Mender()
    mended = mender.object(params, arguments, "")
    from pydantic import ValidationError  # 110 ms, and only once a tool is called

    try:
        return _adapter_of(params).validate_python(mended), mender.notes
    except ValidationError as error:
        problems = [_problem(each, params, mended) for each in error.errors(include_url=False)]
        raise ToolError(
            f"{tool} cannot be called like this: {'; '.join(dict.fromkeys(problems))}.",
            hint=f"It takes ({signature(params)}).",
            code="arguments",
        ) from None


def not_json(tool: str, params: type[Any], raw: str) -> ToolError:
    """What to say of arguments that are no JSON object at all."""
    start = raw if len(raw) <= 200 else f"{raw[:120]} … {raw[-60:]}"
    try:
        value = json.loads(raw, parse_constant=_refuse)
    except ValueError as error:
        why = str(error)
    except RecursionError:
        why = "they are nested too deeply"
    else:
        if isinstance(value, dict):  # whole by chance, and not taken: the answer broke off at or behind them
            return ToolError(
                f"Your answer was cut off (most likely by its length limit) while it wrote this call of {tool}: nothing was done.",
                hint="Make the call again, alone; send long content in several calls.",
                code="arguments",
            )
        why = f"{_kind(value)} instead"
    return ToolError(
        f"The arguments of this call of {tool} are not a JSON object ({why}): nothing was done. They were: {start!r}",
        hint=f"Send one JSON object with ({signature(params)}); escape quotes and line ends in strings. "
        "If the text is long, perhaps it was cut off: send less at once.",
        code="arguments",
    )


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _adapter_of(params: type[Any]) -> TypeAdapter[Any]:
    """Made once for each class, and kept with it: a class loaded anew gets a new one."""
    kept: TypeAdapter[Any] | None = params.__dict__.get("__plugsky_adapter__")
    if kept is None:
        from pydantic import TypeAdapter

        kept = TypeAdapter(params)
        params.__plugsky_adapter__ = kept
    return kept


class _Mender:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def object(self, params: type[Any], given: dict[str, Any], where: str) -> dict[str, Any]:
        """The arguments of one dataclass, by their right names and, where it is sure, of their right types."""
        known = {parameter.name: parameter for parameter in parameters(params)}
        named = {name: value for name, value in given.items() if name in known}
        for name, value in given.items():
            if name in known:
                continue
            parameter = _meant(name, known, named)
            if parameter is None:
                self.notes.append(f"There is no parameter {where}{name}: it was ignored.")
            else:
                named[parameter.name] = value
        out: dict[str, Any] = {}
        for name, value in named.items():
            parameter = known[name]
            if value is None and not parameter.required:
                continue  # null for "not given"
            if isinstance(value, str) and parameter.synonyms:
                value = parameter.synonyms.get(_snake(value), value)
            out[name] = self.value(parameter.type, value, where + name)
        return out

    def value(self, hint: Any, given: Any, where: str) -> Any:
        hint = bare(hint)
        if isinstance(given, str):
            given = _whole(given, where)
        if _is_dataclass(hint):
            return self._object_value(hint, given, where)
        match get_origin(hint) or hint:
            case origin if origin in (Union, types.UnionType):
                kept = [each for each in get_args(hint) if each is not type(None)]
                return self.value(kept[0], given, where) if len(kept) == 1 and given is not None else given
            case origin if origin is list:
                return self._list_value(hint, given, where)
            case origin if origin is dict and isinstance(given, str):
                return self._from_json(given, dict, where)
            case origin if origin is Literal and isinstance(given, str):
                return next((each for each in get_args(hint) if isinstance(each, str) and each == _snake(given)), given)
            case origin if origin in (int, float, bool, str):
                return self._plain_value(origin, given, where)
        return given

    def _plain_value(self, kind: Any, given: Any, where: str) -> Any:
        match given:
            case str() if kind is not str:
                mended = _number(kind, given.strip())
            case bool():
                return given
            case float() if kind is int and given.is_integer():
                return int(given)
            case int() | float() if kind is str:
                mended = str(given)
            case _:
                return given
        if mended is not None:
            self.notes.append(f"{where} was taken as {json.dumps(mended)}: send {_article(type_name(kind))}.")
            return mended
        return given

    def _list_value(self, hint: Any, given: Any, where: str) -> Any:
        inner = bare(get_args(hint)[0]) if get_args(hint) else Any
        if isinstance(given, str):
            given = self._from_json(given, list, where)
        if isinstance(given, dict) and _is_dataclass(inner):
            given = [given]
        elif isinstance(given, str) and inner is str:
            self.notes.append(f"{where} was taken as a list of one: send an array.")
            given = [given]
        if not isinstance(given, list):
            return given
        return [self.value(inner, each, f"{where}[{at}].") for at, each in enumerate(given)]

    def _object_value(self, hint: type[Any], given: Any, where: str) -> Any:
        if isinstance(given, str):
            first = parameters(hint)[0]
            given = self._from_json(given, dict, where)
            if (
                isinstance(given, str)
                and bare(first.type) is str
                and all(not each.required for each in parameters(hint)[1:])
            ):
                return {first.name: given}  # "buy milk" for {text: "buy milk"}
        if not isinstance(given, dict):
            return given
        return self.object(hint, given, where if where.endswith(".") else where + ".")

    def _from_json(self, given: str, kind: type[Any], where: str) -> Any:
        """The value in a string of JSON, where it is of this kind; else the string."""
        if given.lstrip()[:1] not in ("[", "{"):
            return given
        try:
            value = json.loads(given, strict=False)
        except ValueError:
            return given
        if not isinstance(value, kind) and not (kind is list and isinstance(value, dict)):
            return given
        self.notes.append(f"{where.rstrip('.')} was read from a string of JSON: send it as it is.")
        return value


def _whole(text: str, where: str) -> str:
    """Text with its surrogate pairs joined. ToolError where there is half of one: no file and no program can be given that."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise ToolError(
            f"{where} contains half of a surrogate pair, which is no character.", hint="Send the character itself."
        ) from None


def _meant(name: str, known: dict[str, Parameter], named: dict[str, Any]) -> Parameter | None:
    """The parameter another name stands for, if it is not given under its own."""
    plain = _snake(name)
    for parameter in known.values():
        if parameter.name in named:
            continue
        if plain == parameter.name or plain in parameter.also or plain in _ALIASES.get(parameter.name, ()):
            return parameter
    return None


def _snake(name: str) -> str:
    """`filePath`, `file-path`, `File Path` -> `file_path`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s-]+", "_", name.strip()).lower()


def _number(kind: Any, text: str) -> Any:
    if kind is bool:
        return {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}.get(text.lower())
    if len(text) > 30:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if kind is float:
        return number
    return int(number) if number.is_integer() else None


def _is_dataclass(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _problem(error: ErrorDetails, params: type[Any], given: dict[str, Any]) -> str:
    """One of pydantic's errors, in the terms of what was sent: which parameter, what is wanted, what came."""
    place = [each for each in error["loc"] if isinstance(each, int) or each not in ("str", "int", "float", "bool")]
    name = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place).removeprefix(".")
    wanted, description = _wanted(params, place)
    if error["type"] in ("missing", "missing_argument"):
        return f"{name} is missing: send {_article(wanted)}{f' ({description})' if description else ''}"
    value = error.get("input")
    shown = json.dumps(value, ensure_ascii=True, default=str)
    return f"{name or 'the object'} must be {_article(wanted)}, not {_kind(value)} {shown if len(shown) < 80 else shown[:77] + '…'}"


def _wanted(params: type[Any], place: list[Any]) -> tuple[str, str]:
    hint: Any = params
    description = ""
    for each in place:
        hint = bare(hint)
        if isinstance(each, int):
            hint = (get_args(hint) or (Any,))[0]
        elif _is_dataclass(hint):
            found = next((parameter for parameter in parameters(hint) if parameter.name == each), None)
            hint, description = (found.type, found.description) if found else (Any, "")
        description = description.split(". ")[0].rstrip(".")
    return type_name(hint), description


def _article(name: str) -> str:
    return name if name.startswith(('"', "{")) else f"an {name}" if name[0] in "aio" else f"a {name}"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "the boolean"
        case int() | float():
            return "the number"
        case str():
            return "the string"
        case list():
            return "the array"
        case _:
            return "the object"

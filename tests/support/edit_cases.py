"""The corpus of near-miss edits in tests/data/edits: what a model sends, what the file is, what must come of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "data" / "edits"
_ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


@dataclass(slots=True)
class EditCase:
    """`data` is the file before; `expected` what it must be after, None where the call must be refused."""

    name: str
    kind: str
    path: str
    data: bytes
    tool: str
    arguments: dict[str, Any]
    expected: bytes | None
    refused: list[str] = field(default_factory=list)
    how: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def edit_cases() -> list[EditCase]:
    return [case for path in sorted(FOLDER.glob("*.toml")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[EditCase]:
    for raw in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
        try:
            yield _case(path.stem, raw)
        except (KeyError, AssertionError) as error:
            raise ValueError(f"{path.name}, {raw.get('name')!r}: {error!r}") from error


def _case(kind: str, raw: dict[str, Any]) -> EditCase:
    name = raw.get("file", "file.txt")
    text = raw["text"] if "text" in raw else (FOLDER / "files" / name).read_bytes().decode("utf-8")
    text = _changed(text, raw.get("given", []))
    after: str | None = None
    if "change" in raw:
        after = _changed(text, raw["change"])
    elif raw.get("after_all"):
        after = text.replace(raw["old"], raw["new"])
    elif "after" in raw:
        after = raw["after"]
    assert (after is None) == bool(raw.get("refused")), "a case has either an outcome or a refusal"
    if raw.get("unended"):
        text = text.removesuffix("\n")
        after = after if after is None else after.removesuffix("\n")
    if "patch" in raw:
        tool, arguments = "apply_patch", {"patch": raw["patch"]}
    else:
        tool, arguments = "edit", {"file_path": name, "old_string": raw["old"], "new_string": raw["new"]}
        if raw.get("replace_all"):
            arguments["replace_all"] = True
    return EditCase(
        raw["name"],
        kind,
        name,
        _written(text, raw),
        tool,
        arguments,
        None if after is None else _written(after, raw),
        raw.get("refused", []),
        raw.get("how"),
    )


def _changed(text: str, changes: list[list[str]]) -> str:
    for was, now in changes:
        assert text.count(was) == 1, f"{was!r} stands {text.count(was)} times in it"
        text = text.replace(was, now)
    return text


def _written(text: str, raw: dict[str, Any]) -> bytes:
    return text.replace("\n", _ENDS[raw["line_ends"]] if "line_ends" in raw else "\n").encode(
        raw.get("encoding", "utf-8")
    )

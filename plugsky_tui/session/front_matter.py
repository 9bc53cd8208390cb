"""Markdown files that begin with YAML front matter between two `---` lines: agents and skills.

Such a file may be somebody else's: it is bounded, YAML is read without tags that make objects and without anchors
(a few lines of aliases can stand for gigabytes), and what is wrong is told with file and line.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from plugsky_tui.config.files import NotRegular, read_regular
from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.sensitive import secret

_FENCE = "---"
_DEEPEST = 20

Key = tuple[str, ...]


@dataclass(slots=True)
class FrontMatter:
    """Plain values, and the line of the file that each key stands on. `hint` tells where such files are described."""

    path: Path
    hint: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)

    def wrong(self, key: Key, what: str) -> ConfigError:
        line = next((self.lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in self.lines), 1)
        return ConfigError(f"{self.path}:{line}: {'.'.join(key)} {what}", hint=self.hint)

    def word(self, key: str) -> str | None:
        """A text that is not blank. ConfigError where the value is none."""
        value = self.values.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.wrong((key,), "must be a text")
        return value.strip() if value is not None else None


def read_front_matter(path: Path, *, limit: int, hint: str, within: Path | None = None) -> tuple[FrontMatter, str]:
    """The front matter of the file at `path` (none: no values), and the text below it. `limit`: bytes of the file.
    `within`: the folder that a project's file must really lie in: what it says is sent to the model.

    Raises ConfigError naming file, line and key.
    """
    lines = _text(path, limit, within).replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        return FrontMatter(path, hint), "\n".join(lines)
    end = next((at for at, line in enumerate(lines) if at and line.rstrip() in (_FENCE, "...")), None)
    if end is None:
        raise ConfigError(f"{path}:1: the front matter has no end: a second line of ---", hint=hint)
    return _parsed(FrontMatter(path, hint), "\n".join(lines[1:end])), "\n".join(lines[end + 1 :])


def _text(path: Path, limit: int, within: Path | None) -> str:
    try:
        real = os.path.realpath(path)
        if within is not None and (not Root(within).contains(real) or secret(real)):
            raise ConfigError(
                f"{path}: it is a link out of the project, or to a secret", hint="Put the file itself there."
            )
        found = read_regular(Path(real), limit)
    except NotRegular as error:
        raise ConfigError(f"{path}: {error.strerror}", hint=f"It must be a text of at most {limit:,} bytes.") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="Make it a readable file, or remove it.") from error
    if found is None:
        raise ConfigError(f"{path}: it is gone")
    try:
        return found[0].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found[0].count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not valid UTF-8", hint="Save the file as UTF-8.") from error


def _parsed(front: FrontMatter, text: str) -> FrontMatter:
    path, hint = front.path, front.hint
    try:
        depth = 0
        for event in yaml.parse(text, yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:  # composing what is nested without end takes minutes
                line = event.start_mark.line + 2 if event.start_mark else 2
                raise ConfigError(f"{path}:{line}: nested too deeply", hint=hint)
            if getattr(event, "anchor", None) is not None:  # of an alias too
                line = event.start_mark.line + 2 if event.start_mark else 2
                raise ConfigError(f"{path}:{line}: anchors and aliases are not read", hint=hint)
        node = yaml.compose(text, yaml.SafeLoader)
        if node is None:
            return front
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(f"{path}:2: the front matter must be keys and values", hint=hint)
        _places(front, node, ())
        front.values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "this is not YAML"
        raise ConfigError(f"{path}:{mark.line + 2 if mark else 2}: {what}", hint=hint) from error
    except RecursionError:
        raise ConfigError(f"{path}:2: the front matter is nested too deeply", hint=hint) from None
    except ValueError as error:  # a date or a number that Python does not have
        raise ConfigError(f"{path}:2: {error}", hint=hint) from error
    return front


def _places(front: FrontMatter, node: yaml.MappingNode, above: Key) -> None:
    """Note the line of each key, in the file (the text begins below the first ---)."""
    for name, value in node.value:
        line = name.start_mark.line + 2
        if not isinstance(name, yaml.ScalarNode) or name.tag != "tag:yaml.org,2002:str":
            raise ConfigError(f"{front.path}:{line}: a key must be a word", hint=front.hint)
        key = (*above, name.value)
        if key in front.lines:
            raise ConfigError(f"{front.path}:{line}: {'.'.join(key)} is there twice", hint=front.hint)
        front.lines[key] = line
        if isinstance(value, yaml.MappingNode):
            _places(front, value, key)

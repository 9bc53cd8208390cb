"""Which value counts: command line > environment > project file > user file > default.

A project's file is somebody else's: it can never say where the key goes (endpoint, providers, proxy,
certificates), and whatever gives the agent more freedom or runs programs waits in `Loaded.project`
until the user trusts the folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugsky_tui.config.layers import Layer, Origin, Values, dotted, get, leaves, merge, put, split_key
from plugsky_tui.config.paths import cache_dir, project_config_file, user_config_file
from plugsky_tui.config.shape import (
    DEFAULT_BASE_URL,
    DEFAULT_MODEL,
    FREE_MODEL,
    ApiSettings,
    Hook,
    HookSettings,
    LanguageServer,
    McpServer,
    Mode,
    ModelSettings,
    PermissionSettings,
    ProviderKind,
    ProviderSettings,
    Settings,
    build,
    default_model,
)
from plugsky_tui.kernel.errors import ConfigError

__all__ = [
    "DEFAULT_BASE_URL",
    "DEFAULT_MODEL",
    "FREE_MODEL",
    "ApiSettings",
    "Hook",
    "HookSettings",
    "LanguageServer",
    "Layer",
    "Loaded",
    "McpServer",
    "Mode",
    "ModelSettings",
    "Origin",
    "PermissionSettings",
    "ProjectSettings",
    "ProviderKind",
    "ProviderSettings",
    "Settings",
    "default_model",
    "load",
]

VARIABLES: dict[str, tuple[str, ...]] = {
    "PLUGSKY_MODEL": ("model",),
    "PLUGSKY_BASE_URL": ("api", "base_url"),
    "PLUGSKY_PROJECT": ("api", "project"),
    "PLUGSKY_REGION": ("api", "region"),
    "SSL_CERT_FILE": ("api", "ca_bundle"),
}
PROXY_VARIABLES = {
    "https": ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"),
    "http": ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
}

NEVER_FROM_A_PROJECT = (("api", "base_url"), ("api", "ca_bundle"), ("api", "proxy"), ("providers",))
FREE_FOR_A_PROJECT = (("model",), ("permissions", "ask"), ("permissions", "deny"))  # all else needs trust


@dataclass(slots=True)
class ProjectSettings:
    """What the project's file says, apart from what no project may say. Inert until the folder is trusted,
    but for `model` and the ask and deny rules, which only make things stricter.

    `source` is the exact text of the file: what the user trusts is this, not the file's name. `origins`
    has the line of each of `values`.
    """

    path: Path
    source: str
    values: Values
    origins: dict[str, Origin]
    model: str | None
    mode: Mode | None
    theme: str | None
    permissions: PermissionSettings
    keys: dict[str, str]
    mcp: dict[str, McpServer]
    lsp: dict[str, LanguageServer]
    hooks: HookSettings

    def waiting(self) -> list[str]:
        """What counts only once the folder is trusted, one line each, for people. Untrusted text."""
        return [
            f"{dotted(key)} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in leaves(self.values)
            if not _among(key, FREE_FOR_A_PROJECT) and value
        ]


@dataclass(slots=True)
class Loaded:
    """`settings` is what counts in a folder that is not trusted, the project's ask and deny rules apart.
    `effective` is what a session uses.

    `origins` has the origin of every key that somebody set; `layers` are those of `settings`, the
    weakest first.
    """

    settings: Settings
    origins: dict[str, Origin]
    warnings: list[str]
    project: ProjectSettings | None
    layers: list[Layer]

    def effective(self, *, trusted: bool) -> Settings:
        """The settings for a session: with all the project says where the folder is trusted, else only with
        what makes things stricter."""
        if self.project is None:
            return self.settings
        values = self.project.values if trusted else _only(self.project.values, FREE_FOR_A_PROJECT)
        return build(_merged([Layer("project", values) if x.name == "project" else x for x in self.layers]))

    def origin(self, key: str) -> Origin:
        return self.origins.get(key) or Origin("default")


def load(folder: Path, *, options: Mapping[str, object] | None = None, env: Mapping[str, str] = os.environ) -> Loaded:
    """The settings for a session in `folder`. `options` are those of the command line by dotted key
    ("model", "api.base_url"); None means not given.

    Raises ConfigError, naming file, line and key, or the variable.
    """
    warnings: list[str] = []
    layers: list[Layer] = []
    user_path, project_path = user_config_file(env), project_config_file(folder)
    if (user := _file_layer("user", user_path, env, warnings)) is not None:
        layers.append(user[0])
    project = None
    if not _same(user_path, project_path) and (found := _file_layer("project", project_path, env, warnings)):
        layer, source = found
        for key, _ in [*leaves(layer.values)]:
            if _among(key, NEVER_FROM_A_PROJECT):
                warnings.append(f"{layer.origins[dotted(key)]}: {dotted(key)} is ignored: a project cannot set it")
        allowed = _without(layer.values, NEVER_FROM_A_PROJECT)
        project = _project(project_path, source, allowed, layer.origins)
        layers.append(_narrowed(layer, _only(allowed, (("model",),))))
    layers.append(_environment(env, merge(layers).get("api", {})))
    layers.append(_options(options or {}))
    merged = _merged(layers)
    _check(layers[-2:])
    settings = build(merged)
    _warn_unprotected(settings, warnings)
    origins = {key: origin for layer in layers for key, origin in layer.origins.items()}
    return Loaded(settings, origins, warnings, project, layers)


def _file_layer(name: Any, path: Path, env: Mapping[str, str], warnings: list[str]) -> tuple[Layer, str] | None:
    try:
        if not path.exists():
            return None  # the usual case: two stats, and nothing more is imported
    except OSError:
        pass  # reading says what is wrong
    from plugsky_tui.config.reader import read_config

    parsed = read_config(path, cache_dir(env))
    if parsed is None:
        return None
    warnings += parsed.warnings
    origins = {dotted(key): Origin(name, str(path), parsed.lines.get(dotted(key))) for key, _ in leaves(parsed.values)}
    return Layer(name, parsed.values, origins), parsed.text


def _same(one: Path, other: Path) -> bool:
    """Whether both are one file (the user's own folder opened as a project)."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _environment(env: Mapping[str, str], files: Values) -> Layer:
    """`files` is what the files say of `api`."""
    layer = Layer("environment")
    for variable, key in VARIABLES.items():
        if key == ("api", "ca_bundle") and files.get("ca_bundle"):
            continue  # they add up: the HTTP client reads SSL_CERT_FILE itself
        if value := env.get(variable):
            layer.set(key, value, variable)
    scheme = (env.get("PLUGSKY_BASE_URL") or files.get("base_url") or DEFAULT_BASE_URL).partition("://")[0].lower()
    for variable in PROXY_VARIABLES.get(scheme, ()):
        if env.get(variable):
            # the HTTP client reads these itself, with NO_PROXY: a proxy of the files must not cover them
            layer.set(("api", "proxy"), None, variable)
            break
    return layer


def _options(options: Mapping[str, object]) -> Layer:
    layer = Layer("option")
    for name, value in options.items():
        if value is not None:
            layer.set(split_key(name), value, f"--{name.rpartition('.')[2].replace('_', '-')}")
    return layer


def _merged(layers: list[Layer]) -> Values:
    merged = merge(layers)
    bundle = merged.get("api", {}).get("ca_bundle")
    if isinstance(bundle, str) and bundle.startswith("~"):
        merged["api"]["ca_bundle"] = os.path.expanduser(bundle)  # noqa: PTH111
    return merged


def _check(layers: list[Layer]) -> None:
    from plugsky_tui.config.checks import problems

    for layer in layers:
        for key, problem in problems(layer.values):
            raise ConfigError(f"{layer.origins.get(dotted(key), dotted(key))}: {problem}")


def _warn_unprotected(settings: Settings, warnings: list[str]) -> None:
    from plugsky_tui.config.checks import unprotected

    if unprotected(settings.api.base_url):
        warnings.append(f"{settings.api.base_url} is not encrypted: the key and all you send can be read on the way")


def _project(path: Path, source: str, values: Values, origins: dict[str, Origin]) -> ProjectSettings:
    settings = build(values)
    return ProjectSettings(
        path=path,
        source=source,
        values=values,
        origins=origins,
        model=settings.model,
        mode=settings.mode if "mode" in values else None,
        theme=settings.theme if "theme" in values else None,
        permissions=settings.permissions,
        keys=settings.keys,
        mcp=settings.mcp,
        lsp=settings.lsp,
        hooks=settings.hooks,
    )


def _narrowed(layer: Layer, values: Values) -> Layer:
    kept = {dotted(key) for key, _ in leaves(values)}
    return Layer(layer.name, values, {key: origin for key, origin in layer.origins.items() if key in kept})


def _among(key: tuple[str, ...], keys: tuple[tuple[str, ...], ...]) -> bool:
    return any(key[: len(known)] == known for known in keys)


def _only(values: Values, keys: tuple[tuple[str, ...], ...]) -> Values:
    kept: Values = {}
    for key in keys:
        try:
            put(kept, key, get(values, key))
        except KeyError:
            continue
    return kept


def _without(values: Values, keys: tuple[tuple[str, ...], ...]) -> Values:
    return dict(_walk_without(values, (), keys))


def _walk_without(
    values: Values, above: tuple[str, ...], keys: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        key = (*above, name)
        if key not in keys:
            yield name, dict(_walk_without(value, key, keys)) if isinstance(value, dict) else value

"""`plugsky config`: every value, and who set it."""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from plugsky_tui.cli.common import add_folder, add_json, add_rules, folder_of, print_json
from plugsky_tui.kernel.errors import UsageError

if TYPE_CHECKING:
    from plugsky_tui.config.settings import Loaded

SUMMARY = "every setting, and which file or variable set it"

Key = tuple[str, ...]


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|get|set|path|schema|explain")
    for name, text in (
        ("list", "all settings with their origins"),
        ("get", "one setting, or a table of them"),
        ("set", "change the user's config.toml; comments stay"),
        ("path", "where the user's config.toml is"),
        ("schema", "the JSON Schema of config.toml"),
        ("explain", "what every layer says of a setting, and which one counts"),
    ):
        action = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
        if name in ("get", "set", "explain"):
            action.add_argument("key", metavar="KEY", help='such as model, api.base_url or keys."model.pick"')
        if name == "set":
            action.add_argument("value", metavar="VALUE", help="text, or where text makes no sense a TOML value")
        if name != "schema":
            add_folder(action)
        if name in ("list", "get", "explain"):
            add_rules(action)
        if name not in ("schema", "set"):
            add_json(action)


def run(args: argparse.Namespace) -> int:
    match args.action:
        case "list":
            _list(args)
        case "get":
            _get(args)
        case "set":
            _set(args)
        case "path":
            _path(args)
        case "schema":
            from plugsky_tui.config.schema import json_schema

            print_json(json_schema())
        case _:
            _explain(args)
    return 0


def _list(args: argparse.Namespace) -> None:
    loaded = _loaded(args)
    _warn(loaded)
    values = [(key, _hidden(key, value)) for key, value in _everything(loaded).items()]
    if args.json:
        print_json([{"key": key, "value": value, **asdict(loaded.origin(key))} for key, value in values])
        return
    width = max(len(key) for key, _ in values)
    for key, value in values:
        origin = loaded.origin(key)
        _say(f"{key:<{width}} = {_shown(value)}" + ("" if origin.layer == "default" else f"  ({origin})"))
    if loaded.project and (waiting := loaded.project.waiting()):
        _say(f"\nIn {loaded.project.path}, and counting only where the folder is trusted:")
        for line in waiting:
            _say(f"  {line}")


def _get(args: argparse.Namespace) -> None:
    from plugsky_tui.config.layers import get

    key = _key(args.key)
    loaded = _loaded(args)
    _warn(loaded)
    try:
        value = get(asdict(loaded.settings), key)
    except KeyError:
        value = None  # known, and not set: an entry of a table that nobody made
    if args.json or not isinstance(value, str):
        print_json(value)
    else:
        _say(value)


def _set(args: argparse.Namespace) -> None:
    from plugsky_tui.config.edit import set_value
    from plugsky_tui.config.layers import dotted
    from plugsky_tui.config.paths import user_config_file

    key = _key(args.key)
    set_value(user_config_file(), key, args.value)
    origin = _loaded(args).origin(dotted(key))
    if origin.layer not in ("user", "default"):
        _say(f"Kept, but here {origin} comes before it.")


def _path(args: argparse.Namespace) -> None:
    from plugsky_tui.config.paths import cache_dir, config_dir, data_dir, project_config_file, user_config_file

    if not args.json:
        _say(str(user_config_file()))
        return
    places = {
        "user": user_config_file(),
        "project": project_config_file(folder_of(args)),
        "config": config_dir(),
        "data": data_dir(),
        "cache": cache_dir(),
    }
    print_json({name: str(place) for name, place in places.items()})


def _explain(args: argparse.Namespace) -> None:
    from plugsky_tui.config.layers import dotted
    from plugsky_tui.config.schema import description

    key = _key(args.key)
    name = dotted(key)
    loaded = _loaded(args)
    layers = list(_said(loaded, key))
    text = description(key)
    notes = [warning for warning in loaded.warnings if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", warning)]
    value = _hidden(name, _everything(loaded).get(name))
    if args.json:
        print_json({"key": name, "description": text, "value": value, "layers": layers, "notes": notes})
        return
    _say(f"{name} = {_shown(value)}")
    if text:
        _say(f"  {text}")
    for layer in layers:
        mark = "→" if layer["counts"] else " "
        place = f"  {layer['source']}" if layer["source"] else ""
        _say(f"{mark} {layer['layer']:<12} {_shown(layer['value'])}{place}{layer['note'] and '  ' + layer['note']}")
    for note in notes:
        _say(f"! {note}")


def _said(loaded: Loaded, key: Key) -> list[dict[str, Any]]:
    """What each layer says of `key`, the strongest first."""
    from plugsky_tui.config.layers import JOINED, Layer, dotted, get
    from plugsky_tui.config.settings import Settings

    name = dotted(key)
    layers = [Layer("default", asdict(Settings())), *loaded.layers]
    counting = loaded.origin(name).layer
    found = []
    for layer in reversed(layers):
        values, note = layer.values, ""
        if layer.name == "project" and loaded.project:
            note = "" if name in layer.origins else "(only where the folder is trusted)"
            values = loaded.project.values
            if key in (("permissions", "ask"), ("permissions", "deny")):
                note = ""
        try:
            value = get(values, key)
        except KeyError:
            continue
        origins = loaded.project.origins if layer.name == "project" and loaded.project else layer.origins
        source = str(origins.get(name, ""))
        counts = not note and (layer.name == counting or (key[0] in JOINED and bool(value)))
        found.append(
            {"layer": layer.name, "value": _hidden(name, value), "source": source, "counts": counts, "note": note}
        )
    return found


def _loaded(args: argparse.Namespace) -> Loaded:
    from plugsky_tui.config.settings import load

    given = {
        "mode": getattr(args, "mode", None),
        "permissions.allow": getattr(args, "allow", None) or None,
        "permissions.deny": getattr(args, "deny", None) or None,
    }
    return load(folder_of(args), options=given)


def _warn(loaded: Loaded) -> None:
    from plugsky_tui.frontends.text import clean

    for warning in loaded.warnings:
        sys.stderr.write(f"plugsky: {clean(warning)}\n")


def _everything(loaded: Loaded) -> dict[str, Any]:
    from plugsky_tui.config.listing import everything

    return everything(loaded.effective(trusted=False))


def _key(text: str) -> Key:
    from plugsky_tui.config.layers import split_key
    from plugsky_tui.config.schema import is_known, nearest_key

    try:
        key = split_key(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not is_known(key):
        near = nearest_key(key)
        raise UsageError(
            f"There is no setting {text}.", hint=f"Did you mean {near}?" if near else "See `plugsky config list`."
        )
    return key


def _hidden(name: str, value: Any) -> Any:
    from plugsky_tui.config.listing import hidden

    return hidden(name, value)


def _shown(value: Any) -> str:
    return "(not set)" if value is None else json.dumps(value, ensure_ascii=False)


def _say(text: str) -> None:
    from plugsky_tui.frontends.text import clean

    print(clean(text))

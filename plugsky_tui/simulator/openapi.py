"""`GET /v1/openapi.json`: what the simulator serves, made from its table of endpoints.

Format: OpenAPI 3.1.0. It says what is true of every endpoint (paths, methods, required and known
fields, scopes, errors, headers), and leaves the fields' meaning to docs/simulator.md.
"""

from __future__ import annotations

import re
from typing import Any

from plugsky_tui.simulator.dialects import Dialect
from plugsky_tui.simulator.http import HttpResponse, json_response
from plugsky_tui.simulator.routing import Call, Route

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_TEXT = {"type": "string"}
_ERRORS: dict[Dialect, dict[str, Any]] = {
    "openai": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": _TEXT,
                    "type": _TEXT,
                    "param": {"type": ["string", "null"]},
                    "code": {"type": ["string", "null"]},
                },
            }
        },
    },
    "anthropic": {
        "type": "object",
        "required": ["type", "error", "request_id"],
        "properties": {
            "type": {"const": "error"},
            "error": {
                "type": "object",
                "required": ["type", "message"],
                "properties": {"type": _TEXT, "message": _TEXT},
            },
            "request_id": _TEXT,
        },
    },
    "plutos": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "requestId"],
                "properties": {
                    "code": _TEXT,
                    "message": _TEXT,
                    "details": {"type": "object"},
                    "requestId": _TEXT,
                },
            }
        },
    },
}
_HEADERS = {
    name: {"schema": {"type": kind}, "description": about}
    for name, kind, about in (
        ("x-request-id", "string", "The id of this request."),
        ("X-RateLimit-Limit", "integer", "Requests in 60 seconds."),
        ("X-RateLimit-Remaining", "integer", "How many of them are left."),
        ("X-RateLimit-Reset", "integer", "When the next is given back, in Unix seconds."),
    )
}


async def describe(call: Call) -> HttpResponse:
    """This description."""
    from plugsky_tui.simulator.endpoints import ROUTES  # which lists this endpoint too

    return json_response(document(ROUTES, str(call.http.headers.get("host", "127.0.0.1"))))


def document(routes: list[Route], host: str) -> dict[str, Any]:
    """The OpenAPI document of `routes`, served at `host`."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plugsky API, simulated",
            "version": "1",
            "description": "The offline Plugsky API of plugsky simulate. No language model is behind it.",
        },
        "servers": [{"url": f"http://{host}"}],
        "paths": paths,
        "components": {
            "schemas": {f"{dialect}_error": schema for dialect, schema in _ERRORS.items()},
            "headers": _HEADERS,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "x_api_key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
        "security": [{"bearer": []}, {"x_api_key": []}, {}],
    }


def _operation(route: Route) -> dict[str, Any]:
    about = " ".join((route.handler.__doc__ or "").split("\n\n")[0].split())
    operation: dict[str, Any] = {
        "operationId": _name(route),
        "summary": about,
        "parameters": [
            *(_parameter(name, "path") for name in _PLACEHOLDER.findall(route.path)),
            *(_parameter(name, "query") for name in route.query),
        ],
        "responses": {"200": _response("The answer.", {}), "default": _error(route.dialect)},
    }
    if route.scope:
        operation["description"] = f"A key needs the scope {route.scope}."
        operation["x-plugsky-scope"] = route.scope
    if route.dialect == "anthropic":
        operation["parameters"].append(_parameter("anthropic-version", "header", required=True))
    if route.method == "POST":
        operation["parameters"].append(
            {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {**_TEXT, "maxLength": 255}}
        )
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(route)}}}
    return operation


def _parameter(name: str, place: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required or place == "path", "schema": _TEXT}


def _name(route: Route) -> str:
    words = re.findall(r"\w+", route.path.removeprefix("/v1"))
    return "_".join([route.method.lower(), *words])


def _body(route: Route) -> dict[str, Any]:
    names = [*route.required, *route.optional]
    schema: dict[str, Any] = {"type": "object", "properties": {name: {} for name in names}}
    return {**schema, "required": list(route.required)} if route.required else schema


def _response(about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": about,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS},
        "content": {"application/json": {"schema": schema}},
    }


def _error(dialect: Dialect) -> dict[str, Any]:
    return _response("An error.", {"$ref": f"#/components/schemas/{dialect}_error"})


ROUTES = [Route("GET", "/v1/openapi.json", describe)]

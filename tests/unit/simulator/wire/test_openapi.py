"""What the simulator says of itself, and of what it has not."""

from __future__ import annotations

from typing import Any

import pytest

from plugsky_tui.simulator.endpoints import ROUTES


def test_it_describes_every_endpoint_there_is(client: Any) -> None:
    answer = client.request("GET", "/v1/openapi.json")
    document = answer.json
    assert document["openapi"] == "3.1.0" and client.url.startswith(document["servers"][0]["url"])
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES}
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] and operation["responses"]["default"] for operation in operations)
    asked = [parameter["name"] for parameter in document["paths"]["/v1/usage"]["get"]["parameters"]]
    assert asked == ["start_date", "end_date"]


def test_its_references_lead_somewhere(client: Any) -> None:
    document = client.request("GET", "/v1/openapi.json").json

    def references(value: Any) -> list[str]:
        if isinstance(value, list):
            return [found for item in value for found in references(item)]
        if not isinstance(value, dict):
            return []
        here = [value["$ref"]] if "$ref" in value else []
        return here + [found for item in value.values() for found in references(item)]

    for reference in set(references(document)):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_required_fields_are_those_that_are_required(client: Any) -> None:
    document = client.request("GET", "/v1/openapi.json").json
    for path, methods in document["paths"].items():
        schema = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        if not schema:
            continue
        assert schema["schema"]["required"], path
        answer = client.request("POST", path, {})
        assert answer.status == 400, path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/images/generations"),
        ("POST", "/v1/audio/transcriptions"),
        ("POST", "/v1/moderations"),
        ("GET", "/v1/files"),
        ("POST", "/v1/batches"),
        ("POST", "/v1/fine_tuning/jobs"),
        ("POST", "/v1/assistants"),
        ("GET", "/v1/threads/t_1/messages"),
        ("POST", "/v1/responses"),
        ("GET", "/v1/plugsky/anything"),
        ("POST", "/v1/webhooks"),
    ],
)
def test_what_is_documented_and_not_offered_says_so(client: Any, method: str, path: str) -> None:
    answer = client.request(method, path, {} if method == "POST" else None)
    assert answer.status == 404 and answer.error["code"] == "endpoint_not_offered"
    assert "the simulator does not offer" in answer.error["message"]

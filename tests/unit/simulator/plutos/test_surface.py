"""The PlutosAI surface: process, batch, stream and usage, and its errors."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any

import pytest
from support.simulated import Client

THANKS = {"input": "thanks", "model": "plugsky-pro"}


def test_a_result_can_be_fetched_again_with_its_input_and_options(client: Any) -> None:
    options = {"temperature": 0.7, "maxTokens": 100, "systemPrompt": "Be brief.", "stop": ["#"]}
    made = client.request("POST", "/process", {**THANKS, "options": options}).json
    kept = client.request("GET", f"/process/{made['id']}").json
    assert kept == {**made, "input": "thanks", "options": options}
    assert "You are welcome." in made["output"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["createdAt"]) and made["processingTime"] >= 0


def test_a_result_is_found_by_its_own_key_alone(client: Any) -> None:
    made = client.request("POST", "/process", THANKS).json
    other = Client(client.url, {"Authorization": "Bearer psk_live_another"})
    answer = other.request("GET", f"/process/{made['id']}")
    assert answer.status == 404 and answer.error["code"] == "not_found"


def test_max_tokens_and_stop_end_the_output(client: Any) -> None:
    options = {"maxTokens": 5}
    assert client.request("POST", "/process", {**THANKS, "options": options}).json["usage"]["completionTokens"] == 5
    options = {"stop": ["welcome"]}
    assert client.request("POST", "/process", {**THANKS, "options": options}).json["output"].endswith("You are ")


def test_a_stream_is_chunks_and_a_complete_event(start: Any) -> None:
    client = start([{"text": ["Hello", " world", "!"]}])
    answer = client.request("POST", "/stream", THANKS, Accept="text/event-stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    *chunks, (name, final) = answer.events
    assert chunks == [("chunk", {"chunk": "partial", "output": piece}) for piece in ("Hello", " world", "!")]
    assert name == "complete" and final["chunk"] == "final" and final["output"] == "Hello world!"
    assert final["usage"]["totalTokens"] == final["usage"]["promptTokens"] + 3


def test_a_batch_takes_a_hundred_inputs_and_no_more(client: Any) -> None:
    asked = {"model": "plugsky-lite", "inputs": ["thanks"] * 100}
    assert len(client.request("POST", "/batch", asked).json["results"]) == 100
    refused = client.request("POST", "/batch", {**asked, "inputs": ["thanks"] * 101})
    assert refused.status == 400 and refused.error["code"] == "invalid_parameters"
    assert "maximum length 100" in refused.error["message"]


def test_a_batch_plays_one_reply_of_a_script_for_each_input(start: Any) -> None:
    client = start([{"text": "one"}, {"text": "two"}])
    results = client.request("POST", "/batch", {"model": "plugsky-pro", "inputs": ["a", "b"]}).json["results"]
    assert [result["output"] for result in results] == ["one", "two"]


@pytest.mark.parametrize(
    ("path", "body", "parameter"),
    [
        ("/process", {"model": "plugsky-pro"}, "input"),
        ("/process", {"input": "x"}, "model"),
        ("/process", {"input": "", "model": "plugsky-pro"}, "input"),
        ("/process", {**THANKS, "temperature": 1}, "temperature"),
        ("/process", {**THANKS, "options": {"temperature": 3}}, "options.temperature"),
        ("/process", {**THANKS, "options": {"max_tokens": 3}}, "options.max_tokens"),
        ("/process", {**THANKS, "options": {"maxTokens": 0}}, "options.maxTokens"),
        ("/process", {**THANKS, "options": {"stop": "x"}}, "options.stop"),
        ("/process", {**THANKS, "options": []}, "options"),
        ("/stream", {**THANKS, "options": {"stop": ["x"]}}, "options.stop"),
        ("/batch", {"model": "plugsky-pro", "inputs": []}, "inputs"),
        ("/batch", {"model": "plugsky-pro", "inputs": ["x", 3]}, "inputs[1]"),
    ],
)
def test_a_wrong_parameter_is_named_in_the_documents_shape(client: Any, path: str, body: Any, parameter: str) -> None:
    answer = client.request("POST", path, body)
    assert answer.status == 400 and answer.error["code"] == "invalid_parameters"
    assert answer.error["details"] == {"parameter": parameter}
    assert answer.error["requestId"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("model", ["nope", "plugsky-embed"])
def test_a_model_that_cannot_be_had_is_invalid(client: Any, model: str) -> None:
    answer = client.request("POST", "/process", {**THANKS, "model": model})
    assert answer.status == 404 and answer.error["code"] == "invalid_model"


def test_too_long_an_input_is_told(client: Any) -> None:
    answer = client.request("POST", "/process", {**THANKS, "input": "x" * 300_000})
    assert answer.status == 400 and answer.error["code"] == "input_too_long"


def test_a_bad_key_and_a_missing_one_are_invalid(client: Any) -> None:
    for headers in ({"Authorization": "Bearer nonsense"}, {}):
        answer = Client(client.url, headers).request("POST", "/process", THANKS)
        assert answer.status == 401 and answer.error["code"] == "invalid_api_key"


def test_scripted_errors_have_the_documents_shape(start: Any) -> None:
    client = start([{"status": 429, "headers": {"Retry-After": "60"}, "error": "Rate limit exceeded."}])
    answer = client.request("POST", "/process", THANKS)
    assert answer.status == 429 and answer.headers["retry-after"] == "60"
    assert answer.error["code"] == "rate_limit_exceeded" and answer.error["details"] == {"retryAfter": 60}


def test_the_line_can_be_cut(start: Any) -> None:
    client = start([{"text": "one two", "cut_after": 1, "times": 2}])
    with pytest.raises(IncompleteRead):
        client.request("POST", "/stream", THANKS)
    with pytest.raises(RemoteDisconnected):
        client.request("POST", "/process", THANKS)


def test_raw_bytes_are_sent_as_they_are(start: Any) -> None:
    client = start([{"raw": "odd", "times": 3}])
    for path, body in (
        ("/process", THANKS),
        ("/stream", THANKS),
        ("/batch", {"model": "plugsky-pro", "inputs": ["x"]}),
    ):
        assert client.request("POST", path, body).body == b"odd"


def test_a_routing_name_says_which_model_answered(client: Any) -> None:
    assert client.request("POST", "/process", {**THANKS, "model": "auto"}).json["model"] == "plugsky-micro"


# --- usage -------------------------------------------------------------------------------------


def test_usage_is_that_of_the_key_and_the_period(client: Any) -> None:
    tokens = client.request("POST", "/process", THANKS).json["usage"]["totalTokens"]
    tokens += client.request("POST", "/batch", {"model": "gpt-4", "inputs": ["thanks"] * 2}).json["totalUsage"][
        "totalTokens"
    ]
    client.request("POST", "/stream", THANKS)
    answer = client.request("GET", "/usage").json
    assert answer["usage"]["requestsByModel"] == {"plugsky-pro": 2, "gpt-4": 2}
    assert answer["usage"]["totalRequests"] == 4 and answer["usage"]["totalTokens"] > tokens
    assert answer["usage"]["totalCost"] == 0
    assert list(answer["limits"]) == ["requestsPerMinute", "requestsPerHour", "requestsPerDay"]
    today = datetime.now(timezone.utc).date()
    assert answer["period"]["end"] in {f"{today}T23:59:59Z", f"{datetime.now(timezone.utc).date()}T23:59:59Z"}
    past = client.request("GET", "/usage?start_date=2024-01-01&end_date=2024-01-31").json
    assert past["period"] == {"start": "2024-01-01T00:00:00Z", "end": "2024-01-31T23:59:59Z"}
    assert past["usage"]["totalRequests"] == 0
    other = Client(client.url, {"Authorization": "Bearer psk_live_another"})
    assert other.request("GET", "/usage").json["usage"]["totalRequests"] == 0


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("start_date=yesterday", "start_date"),
        ("end_date=2024-02-30", "end_date"),
        ("start_date=20240101", "start_date"),
        ("start_date=2024-02-01&end_date=2024-01-01", "start_date"),
        ("from=2024-02-01", "from"),
    ],
)
def test_a_wrong_period_is_told(client: Any, query: str, parameter: str) -> None:
    answer = client.request("GET", f"/usage?{query}")
    assert answer.status == 400 and answer.error["code"] == "invalid_parameters"
    assert answer.error["details"] == {"parameter": parameter}


def test_usage_wants_a_key_and_one_that_only_reads_will_do(client: Any) -> None:
    assert Client(client.url, {}).request("GET", "/usage").status == 401
    reader = Client(client.url, {"Authorization": "Bearer psk_live_read_1"})
    assert reader.request("GET", "/usage").status == 200
    answer = reader.request("POST", "/process", THANKS)
    assert answer.status == 403 and answer.error["code"] == "insufficient_permissions"

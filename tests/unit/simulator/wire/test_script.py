"""Scripts: what may stand in one, and how it is played."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.simulator.script import ScriptError, load_script, parse_script

TOOL = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}


def test_replies_are_played_in_order_and_then_it_says_that_it_has_run_out(start: Any) -> None:
    scripted = start(script=[{"text": "one"}, {"text": "two", "reasoning": "because", "finish_reason": "length"}])
    assert scripted.chat().text == "one"
    second = scripted.chat().json["choices"][0]
    assert (second["message"]["content"], second["message"]["reasoning_content"], second["finish_reason"]) == (
        "two",
        "because",
        "length",
    )
    out = scripted.chat()
    assert (
        out.status == 400 and out.error["code"] == "script_exhausted" and "all of its replies" in out.error["message"]
    )


def test_a_reply_waits_for_the_message_it_is_meant_for(start: Any) -> None:
    scripted = start(
        script=[
            {"when": "weather", "text": "sunny"},
            {"when": "/^tests? please$/", "text": "green"},
            {"when": "tool result of read", "text": "I have read it"},
        ]
    )
    call = {"id": "c", "type": "function", "function": {"name": "read", "arguments": "{}"}}
    read = [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "y"},
    ]
    assert scripted.chat("test please").text == "green"
    assert scripted.chat(messages=read).text == "I have read it"
    assert scripted.chat("The WEATHER?").text == "sunny"
    assert "none of its" not in scripted.chat("again").error["message"]


def test_a_request_no_reply_fits_is_told_how_many_are_left(start: Any) -> None:
    scripted = start(script=[{"when": "a", "text": "1"}, {"when": "b", "text": "2"}])
    assert "none of its 2 remaining replies fits" in scripted.chat("zzz").error["message"]


def test_tool_calls_carry_any_arguments_even_broken_ones(start: Any, tmp_path: Path) -> None:
    calls = [
        {"name": "read", "arguments": {"file_path": "${workspace}/a"}},
        {"name": "read", "arguments": '{"broken', "id": "mine"},
    ]
    scripted = start(script=[{"tool_calls": calls, "times": 2}], workspace=tmp_path)
    first, second = scripted.chat(tools=[TOOL]).json["choices"][0]["message"]["tool_calls"]
    assert json.loads(first["function"]["arguments"]) == {"file_path": f"{tmp_path}/a"}
    assert (second["id"], second["function"]["arguments"]) == ("mine", '{"broken')
    assert scripted.chat(tools=[TOOL]).json["choices"][0]["message"]["tool_calls"][0]["id"] != first["id"]


def test_an_error_has_its_status_headers_and_body(start: Any) -> None:
    scripted = start(
        script=[
            {"status": 503, "headers": {"Retry-After": "7"}, "error": {"message": "down", "type": "x", "code": "y"}}
        ]
    )
    answer = scripted.chat(stream=True)
    assert answer.status == 503 and answer.headers["retry-after"] == "7"
    assert answer.error == {"message": "down", "type": "x", "param": None, "code": "y"}


def test_a_list_of_texts_gives_the_exact_deltas(start: Any) -> None:
    events = start(script=[{"text": ["Hel", "", "lo"]}]).chat(stream=True).events
    assert [event["choices"][0]["delta"].get("content") for event in events[1:-2]] == ["Hel", "", "lo"]


def test_a_stream_can_be_cut_after_some_chunks(start: Any) -> None:
    scripted = start(script=[{"text": ["a", "b", "c", "d"], "cut_after": 3}])
    with pytest.raises(http.client.IncompleteRead) as caught:
        scripted.chat(stream=True)
    assert caught.value.partial.count(b"data: ") == 3 and b"[DONE]" not in caught.value.partial


def test_an_answer_that_is_not_streamed_is_cut_before_it_begins(start: Any) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        start(script=[{"text": "never", "cut_after": 0}]).chat()


def test_raw_bytes_are_sent_as_they_are(start: Any) -> None:
    scripted = start(script=[{"raw": ["data: {oops\n\n", {"base64": "//4K"}]}])
    answer = scripted.chat(stream=True)
    assert answer.body == b"data: {oops\n\n\xff\xfe\n" and answer.headers["content-type"].startswith(
        "text/event-stream"
    )


def test_a_delay_comes_before_the_answer(start: Any) -> None:
    scripted = start(script=[{"text": "late", "delay": 0.2}])
    began = time.monotonic()
    assert scripted.chat().text == "late" and time.monotonic() - began >= 0.2


def test_a_script_can_hand_a_request_on_to_the_agent(start: Any) -> None:
    scripted = start(script=[{"status": 500}, {"agent": True}])
    assert scripted.chat().status == 500
    assert "no language model" in scripted.chat().text


def test_files_of_both_formats_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"replies": [{"text": "x"}, {"text": "y"}]}))
    (tmp_path / "b.jsonl").write_text('{"text": "x"}\n\n{"text": "y"}\n')
    assert len(load_script(tmp_path / "a.json").replies) == len(load_script(tmp_path / "b.jsonl").replies) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no valid JSON"),
        ('{"text": "a"}\n{oops}', "line 2"),
        ("[3]", "reply 1: must be an object"),
        ('[{"txt": "a"}]', "unknown key 'txt'"),
        ("[{}]", "give text"),
        ('[{"text": "a", "status": 500}]', "or else one of"),
        ('[{"status": 200}]', "from 400 to 599"),
        ('[{"text": "a", "when": 3}]', "'when' must be a string"),
        ('[{"text": "a", "when": "/(/"}]', "no valid regular expression"),
        ('[{"text": "a"}, {"text": "b", "times": 0}]', "reply 2: 'times' must be a whole number of at least 1"),
        ('[{"text": "a", "delay": -1}]', "'delay'"),
        ('[{"text": "a", "cut_after": 1.5}]', "'cut_after'"),
        ('[{"text": ["a", 3]}]', "list of strings"),
        ('[{"raw": 3}]', "'raw' must be"),
        ('[{"raw": {"base64": "*"}}]', "base64"),
        ('[{"tool_calls": {}}]', "must be a list"),
        ('[{"tool_calls": [{"arguments": {}}]}]', "a tool call has a 'name'"),
        ('[{"status": 500, "headers": 3}]', "'headers' an object"),
        ('[{"status": 500, "headers": {"X": "a\\nb"}}]', "cannot be sent"),
    ],
)
def test_a_wrong_script_says_where(text: str, said: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_script(text)
    assert said in str(caught.value)


def test_the_example_of_the_documentation_is_a_script() -> None:
    page = (Path(__file__).parents[4] / "docs" / "simulator.md").read_text()
    example = page.split("```json\n", 1)[1].split("```", 1)[0]
    assert [reply.when for reply in parse_script(example).replies][:2] == ["weather", "tool result of get_weather"]

"""The real command against @copilotkit/aimock: what it sends is valid elsewhere, what is sent back is understood."""

from __future__ import annotations

import json

from peers.talk import HELLO, LOOK, call, configure, of, refusal, said, turn
from support.command import KEY

# --- answers ----------------------------------------------------------------------------------


def test_text_and_reasoning_and_token_counts_arrive(peer, user):
    usage = {"prompt_tokens": 120, "completion_tokens": 9, "total_tokens": 129}
    peer(turn(0, content="Grüße, this is the answer.", reasoning="Easily said.", model="small-2", usage=usage))
    events, done = user.events("hello")
    assert done.returncode == 0 and done.stderr == ""
    assert said(events) == "Grüße, this is the answer." and said(events, "reasoning.delta") == "Easily said."
    (counted,) = of(events, "usage")
    assert (counted["prompt_tokens"], counted["completion_tokens"], counted["context_tokens"]) == (120, 9, 129)
    (completed,) = of(events, "turn.completed")
    assert (completed["finish_reason"], completed["model"]) == ("stop", "small-2")


def test_two_calls_in_one_answer_run_and_their_results_go_back(peer, user):
    server = peer(turn(0, **LOOK), turn(1, content="A library that adds."), options=("--chunk-size", "3"))
    events, done = user.events("look around")
    assert done.returncode == 0 and events[-1]["text"] == "A library that adds."
    made = of(events, "tool.call")
    assert [(one["name"], one["arguments"]) for one in made] == [
        ("read", {"file_path": "README.md"}),
        ("list", {"path": "src"}),
    ]
    ids = [one["call_id"] for one in made]
    assert [result["call_id"] for result in of(events, "tool.result") if result["ok"]] == ids
    answer, *results = server.bodies()[1]["messages"][-3:]
    assert answer["content"] == "Let me look." and [made["id"] for made in answer["tool_calls"]] == ids
    assert [result["tool_call_id"] for result in results] == ids
    assert "# Sums" in results[0]["content"] and "sums.py" in results[1]["content"]


def test_calls_before_and_between_the_text_keep_their_order(peer, user):
    blocks = [
        {"type": "toolCall", **call("list")},
        {"type": "text", "text": "And then "},
        {"type": "toolCall", **call("read", file_path="src/sums.py")},
        {"type": "text", "text": "the file."},
    ]
    peer(turn(0, blocks=blocks), turn(1, content="Done."))
    events, done = user.events("look around")
    assert done.returncode == 0 and said(events) == "And then the file.Done."
    assert [one["name"] for one in of(events, "tool.call")] == ["list", "read"]
    assert all(result["ok"] for result in of(events, "tool.result"))


def test_a_thread_of_several_prompts_is_sent_whole_each_time(peer, user):
    server = peer(turn(0, **LOOK), turn(1, content="It adds."), turn(2, content="Two files."))
    user.plugsky("run", "look around")
    done = user.plugsky("run", "--continue", "how many files?")
    assert (done.returncode, done.stdout) == (0, "Two files.\n")
    roles = [message["role"] for message in server.bodies()[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "assistant", "user"]


def test_chunks_of_one_utf16_unit_come_together_again(peer, user):
    # aimock cuts between the two halves of what lies beyond U+FFFF, and sends each half as an escape.
    text, thought = "Grüße 👩‍👩‍👧‍👦 und 🎉", "💭 hm"
    path = "src/🎉 ü.py"
    answer = {"content": text, "reasoning": thought, "toolCalls": [call("read", file_path=path)]}
    server = peer(turn(0, **answer), turn(1, content="🎉"), options=("--chunk-size", "1", "--latency", "1"))
    (user.folder / path).write_text("party = True\n")
    events, done = user.events("hello")
    assert done.returncode == 0 and said(events) == text + "🎉" and said(events, "reasoning.delta") == thought
    (result,) = of(events, "tool.result")
    assert result["ok"] and "party" in result["output"]
    made = server.bodies()[1]["messages"][-2]["tool_calls"][0]["function"]
    assert json.loads(made["arguments"]) == {"file_path": path}


def test_a_slow_stream_is_shown_as_it_comes(peer, user):
    peer(turn(0, content="one two three four"), options=("--latency", "300", "--chunk-size", "3"))
    process = user.start("run", "--format", "jsonl", "hello")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["type"] == "text.delta":
            break
    assert process.poll() is None  # the rest is still to come, for almost two seconds
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and json.loads(rest.splitlines()[-1])["text"] == "one two three four"


def test_an_answer_at_the_output_limit_is_marked(peer, user):
    peer(turn(0, content="It goes on and", finishReason="length"))
    events, _ = user.events("hello")
    assert of(events, "turn.completed")[0]["finish_reason"] == "length"
    assert [notice["code"] for notice in of(events, "notice")] == ["length"]


def test_ids_that_come_twice_are_kept_apart(peer, user):
    same = {"id": "call_1"}
    server = peer(
        turn(0, toolCalls=[call("list") | same, call("read", file_path="README.md") | same]),
        turn(1, toolCalls=[call("list", path="src") | same]),
        turn(2, content="Done."),
    )
    events, done = user.events("look around")
    assert done.returncode == 0 and [result["ok"] for result in of(events, "tool.result")] == [True] * 3
    assert "call_id" in [notice["code"] for notice in of(events, "notice")]  # mended, and said so
    messages = server.bodies()[-1]["messages"]
    made = [one["id"] for message in messages for one in message.get("tool_calls", ())]
    assert [message["tool_call_id"] for message in messages if message["role"] == "tool"] == made
    assert len(set(made)) == 3


def test_arguments_that_are_no_object_are_not_run_and_those_encoded_twice_are(peer, user):
    twice = json.dumps(json.dumps({"file_path": "README.md"}))
    given = [{"name": "list", "arguments": "[1, 2]"}, {"name": "read", "arguments": twice}]
    peer(turn(0, toolCalls=given), turn(1, content="Done."))
    events, done = user.events("look around")
    first, second = of(events, "tool.call")
    assert first["raw"] == "[1, 2]" and second["arguments"] == {"file_path": "README.md"}
    ok = {result["call_id"]: result["ok"] for result in of(events, "tool.result")}
    assert done.returncode == 0 and ok == {first["call_id"]: False, second["call_id"]: True}


def test_a_call_at_the_output_limit_is_not_run_even_where_it_looks_whole(peer, user):
    write = call("write", file_path="new.txt", content="half of")
    peer(turn(0, toolCalls=[write], finishReason="length"), turn(1, content="Again, then."))
    events, done = user.events("--mode", "auto", "write it")
    assert done.returncode == 0 and not (user.folder / "new.txt").exists()
    assert [result["ok"] for result in of(events, "tool.result")] == [False]
    assert {"length", "call_unparsed"} <= {notice["code"] for notice in of(events, "notice")}


def test_calls_under_a_wrong_finish_reason_run_all_the_same(peer, user):
    peer(turn(0, toolCalls=[call("list")], finishReason="stop"), turn(1, content="One file."))
    events, done = user.events("look around")
    assert done.returncode == 0 and events[-1]["text"] == "One file." and of(events, "tool.result")[0]["ok"]


def test_the_shape_of_openrouter_is_understood(peer, user):
    usage = {"prompt_tokens": 70, "completion_tokens": 5, "cost": 0.002, "prompt_tokens_details": {"cached_tokens": 30}}
    server = peer(
        turn(0, **LOOK, usage=usage) | {"openRouterProcessing": True},
        turn(1, **refusal(403, "The input was flagged.", metadata={"reasons": ["violence"]})),
    )
    user.env["PLUGSKY_BASE_URL"] = f"{server.host}/api/v1"
    events, done = user.events("--model", "openai/gpt-5", "hello")
    assert said(events, "reasoning.delta") == LOOK["reasoning"] and len(of(events, "tool.result")) == 2
    counted = of(events, "usage")[0]
    assert (counted["prompt_tokens"], counted["cached_tokens"]) == (70, 30)
    (error,) = of(events, "error")
    assert done.returncode == 1 and error["status"] == 403 and "flagged" in error["message"]


# --- what is sent -----------------------------------------------------------------------------


def test_requests_are_what_the_official_types_say(peer, user):
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from pydantic import TypeAdapter

    server = peer(turn(0, **LOOK), turn(1, content="It adds."), turn(2, content="Two files."))
    user.plugsky("run", "look around")
    user.plugsky("run", "--continue", "how many files?")
    message, tool = TypeAdapter(ChatCompletionMessageParam), TypeAdapter(ChatCompletionToolParam)
    assert len(server.bodies()) == 3
    for body in server.bodies():
        assert set(body) == {
            "model",
            "messages",
            "stream",
            "stream_options",
            "tools",
            "_endpointType",
        }  # the last: aimock
        assert body["stream"] is True and body["stream_options"] == {"include_usage": True}
        for one in body["messages"]:
            message.validate_python(one, strict=True)
        for one in body["tools"]:
            tool.validate_python(one, strict=True)


def test_each_request_names_the_client_and_carries_the_key_and_a_key_of_its_own(peer, user):
    server = peer(turn(0, **LOOK), turn(1, content="It adds."))
    events, _ = user.events("look around")
    entries = server.journal()
    assert [entry["response"]["status"] for entry in entries] == [200, 200]  # with another key it is 401, see below
    assert KEY not in json.dumps(entries)
    for entry, started in zip(entries, of(events, "request.started"), strict=True):
        headers = entry["headers"]
        assert headers["user-agent"].startswith("plugsky/") and headers["content-type"] == "application/json"
        assert headers["idempotency-key"] == started["idempotency_key"]
        assert headers["x-request-id"] == started["request_id"]  # the server's own name of it
    assert len({entry["headers"]["idempotency-key"] for entry in entries}) == 2


def test_a_key_the_server_does_not_know_is_refused_and_never_shown(peer, user):
    server = peer(turn(0, **HELLO))
    user.env["PLUGSKY_API_KEY"] = "psk_live_of_somebody_else"
    events, done = user.events("hello")
    assert done.returncode == 1 and len(of(events, "request.started")) == 1
    (error,) = of(events, "error")
    assert (error["status"], error["code"]) == (401, "auth") and "plugsky auth login" in error["hint"]
    assert "somebody_else" not in done.stdout + done.stderr + json.dumps(server.journal())


def test_the_live_list_of_models_is_the_servers(peer, user):
    peer({"match": {"model": "house-model"}, "response": HELLO})
    done = user.plugsky("models", "--refresh", "--json")
    assert done.returncode == 0 and done.stderr == ""
    live = {model["id"] for model in json.loads(done.stdout) if model["live"]}
    assert "house-model" in live


# --- another endpoint, another wire format ----------------------------------------------------


def test_another_endpoint_gets_its_own_key_and_its_own_name_for_the_model(peer, user):
    server = peer({"match": {"model": "tiny"}, "response": HELLO})
    configure(user, f'[providers.local]\nkind = "openai-chat"\nbase_url = "{server.url}"\napi_key_env = "LOCAL_KEY"\n')
    user.env |= {
        "PLUGSKY_BASE_URL": "http://127.0.0.1:9/v1",
        "PLUGSKY_API_KEY": "psk_live_not_for_it",
        "LOCAL_KEY": KEY,
    }
    done = user.plugsky("run", "--model", "local/tiny", "hello")
    assert (done.returncode, done.stdout) == (0, "Hello to you.\n")
    assert server.bodies()[0]["model"] == "tiny"

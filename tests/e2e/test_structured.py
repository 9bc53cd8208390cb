"""`run --json-schema`: the answer is JSON that fits, or the run fails."""

from __future__ import annotations

import json

import pytest

SCHEMA = {
    "title": "Sums",
    "type": "object",
    "properties": {"name": {"type": "string"}, "functions": {"type": "integer", "minimum": 1}},
    "required": ["name", "functions"],
    "additionalProperties": False,
}
GOOD = '{"name": "sums",  "functions": 1}'
COMPACT = '{"name":"sums","functions":1}'


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


@pytest.fixture
def schema(tmp_path):
    """`schema(value)`: a file that holds it."""

    def write(value=SCHEMA):
        file = tmp_path / "schema.json"
        file.write_text(value if isinstance(value, str) else json.dumps(value))
        return str(file)

    return write


def requests(user, tmp_path, *words):
    """What the server was sent, and how the command ended."""
    tape = tmp_path / "run.tape"
    done = user.plugsky("run", "--record", str(tape), *words)
    return [json.loads(line)["request"] for line in tape.read_text().splitlines()[1:]], done


def test_stdout_is_the_bare_json_and_tools_may_come_before(scripted, schema, tmp_path):
    user = scripted(call("read", file_path="README.md") | {"text": "Let me look."}, {"text": GOOD})
    sent, done = requests(user, tmp_path, "--json-schema", schema(), "What is this?")
    assert (done.returncode, done.stdout) == (0, COMPACT + "\n")
    for body in sent:
        wanted = {"name": "Sums", "schema": SCHEMA, "strict": True}
        assert body["response_format"] == {"type": "json_schema", "json_schema": wanted}
        assert "JSON Schema" not in body["messages"][0]["content"]


def test_json_and_jsonl_carry_it_in_text(scripted, schema):
    user = scripted({"text": GOOD}, {"text": GOOD})
    answer = json.loads(user.plugsky("run", "--format", "json", "--json-schema", schema(), "hi").stdout)
    assert (answer["status"], answer["text"]) == ("completed", COMPACT)
    assert set(answer) == {"v", "thread_id", "status", "text", "model", "usage", "tools", "denied", "error"}
    events, _ = user.events("--json-schema", schema(), "hi")
    assert events[-1]["text"] == COMPACT


@pytest.mark.parametrize(
    "text", [f"```json\n{GOOD}\n```", f"Here you are:\n{GOOD}\nAnything else?", f"[1] says {GOOD}"]
)
def test_words_and_fences_around_it_are_left_out_with_a_notice(scripted, schema, text):
    events, done = scripted({"text": text}).events("--json-schema", schema(), "hi")
    assert (done.returncode, events[-1]["text"]) == (0, COMPACT)
    assert "json_extracted" in [event["code"] for event in events if event["type"] == "notice"]
    kinds = [event["type"] for event in events]
    assert kinds.index("notice") < kinds.index("thread.completed")


def test_what_does_not_fit_is_asked_again_with_what_is_wrong(scripted, schema, tmp_path):
    user = scripted({"text": '{"name": 5, "functions": 0}'}, {"text": "It is called sums."}, {"text": GOOD})
    sent, done = requests(user, tmp_path, "--json-schema", schema(), "hi")
    assert (done.returncode, done.stdout) == (0, COMPACT + "\n")
    first, second = (body["messages"][-1] for body in sent[1:])
    assert first["role"] == second["role"] == "user"
    assert "at $.name: 5 is not of type 'string'" in first["content"]
    assert "at $.functions: 0 is less than the minimum of 1" in first["content"]
    assert "it is not JSON" in second["content"] and json.dumps(SCHEMA) in second["content"]


def test_after_three_answers_that_do_not_fit_it_fails(scripted, schema):
    user = scripted({"text": '{"name": "one"}'}, {"text": '{"name": "two"}'}, {"text": '{"name": "three"}'})
    events, done = user.events("--json-schema", schema(), "hi")
    assert done.returncode == 1
    error = next(event for event in events if event["type"] == "error")
    assert error["code"] == "schema_mismatch" and "'functions' is a required property" in error["message"]
    assert (events[-1]["status"], events[-1]["text"]) == ("failed", '{"name": "three"}')
    assert [event["code"] for event in events if event["type"] == "notice"] == ["asked_again", "asked_again"]


def test_in_text_the_answer_that_does_not_fit_is_on_stderr(scripted, schema):
    done = scripted(*[{"text": "no"}] * 3).plugsky("run", "--json-schema", schema(), "hi")
    assert done.returncode == 1 and done.stdout == ""
    assert "[failed: the answer does not fit the schema]" in done.stderr and "asked again" in done.stderr


def test_where_the_server_refuses_it_the_schema_goes_into_the_prompt(scripted, schema, tmp_path):
    refusal = {"status": 400, "error": "Unsupported parameter: 'response_format'"}
    user = scripted(refusal, call("read", file_path="README.md"), {"text": GOOD})
    sent, done = requests(user, tmp_path, "--json-schema", schema(), "hi")
    assert (done.returncode, done.stdout) == (0, COMPACT + "\n")
    assert "response_format" in sent[0]
    for body in sent[1:]:
        assert "response_format" not in body and json.dumps(SCHEMA) in body["messages"][0]["content"]
    assert done.stderr.count("The server refuses 'response_format'") == 1


def test_a_schema_of_no_object_is_put_in_words_from_the_start(scripted, schema, tmp_path):
    user = scripted({"text": "[1, 2]"})
    sent, done = requests(user, tmp_path, "--json-schema", schema({"type": "array"}), "hi")
    assert done.stdout == "[1,2]\n" and "response_format" not in sent[0]
    assert '{"type": "array"}' in sent[0]["messages"][0]["content"]


def test_what_strict_servers_would_refuse_is_not_sent_as_strict(scripted, schema, tmp_path):
    loose = {**SCHEMA, "required": ["name"]}
    sent, _ = requests(scripted({"text": GOOD}), tmp_path, "--json-schema", schema(loose), "hi")
    assert sent[0]["response_format"]["json_schema"]["strict"] is False


def test_characters_a_terminal_would_act_on_stay_in_the_value_as_escapes(scripted, schema):
    text = '{"name": "a\u202eb", "functions": 1}'
    done = scripted({"text": text}).plugsky("run", "--json-schema", schema(), "hi")
    assert done.stdout.isascii() and json.loads(done.stdout) == json.loads(text)


@pytest.mark.parametrize("model", ["claude/plugsky-pro", "pluto/plugsky-pro"])
def test_it_works_with_the_other_wire_formats(scripted, schema, tmp_path, model):
    user = scripted({"text": "hm"}, {"text": GOOD})
    url = user.env["PLUGSKY_BASE_URL"]
    config = tmp_path / "home/.config/plugsky/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f'[providers.claude]\nkind = "anthropic-messages"\nbase_url = "{url}"\napi_key_env = "THEIR_KEY"\n'
        f'[providers.pluto]\nkind = "plutos"\nbase_url = "{url}"\napi_key_env = "THEIR_KEY"\n'
    )
    user.env["THEIR_KEY"] = "psk_live_theirs0123456789"
    done = user.plugsky("run", "-m", model, "--json-schema", schema(), "hi")
    assert (done.returncode, done.stdout) == (0, COMPACT + "\n"), done.stderr


def test_offline_too(user, schema):
    done = user.plugsky("run", "--offline", "--json-schema", schema(), "What is in this repository?")
    assert done.returncode == 0 and set(json.loads(done.stdout)) == {"name", "functions"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", ":1:2: not JSON"),
        ("[]", ": a schema is a JSON object"),
        ({"type": "objct"}, ": $.type: 'objct' is not valid"),
        ({"properties": {"a": {"minimum": "1"}}}, ": $.properties.a.minimum: '1' is not of type 'number'"),
        ({"$schema": "http://example.org/mine"}, ": $.$schema: 'http://example.org/mine' is no dialect"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, ": $.properties.a.$ref: '#/$defs/b' leads nowhere"),
        ({"$ref": "http://127.0.0.1:9/x.json"}, ": other files and addresses are never fetched"),
        ({"$ref": "file:///etc/passwd"}, ": other files and addresses are never fetched"),
        ({"$ref": "#"}, ": it refers to itself without end"),
        pytest.param("[" * 100_000, ": it is nested too deeply", id="deep"),
        pytest.param(" " * (256 * 1024) + "{}", ": larger than 262,144 bytes", id="large"),
    ],
)
def test_a_schema_that_is_none_is_exit_2_and_names_the_place(user, schema, content, problem):
    done = user.plugsky("run", "--json-schema", schema(content), "hi")
    assert done.returncode == 2 and problem in done.stderr and "Traceback" not in done.stderr


def test_a_schema_that_is_not_there_is_exit_2(user):
    done = user.plugsky("run", "--json-schema", "none.json", "hi")
    assert done.returncode == 2 and "--json-schema none.json: there is no such file" in done.stderr

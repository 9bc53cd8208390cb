"""`plugsky stats`: what was used, from the threads on disk, through the real command."""

from __future__ import annotations

import json

from support.command import simulator


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


def stats(user, *options):
    done = user.plugsky("stats", "--json", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_before_the_first_request_it_says_so(user):
    done = user.plugsky("stats")
    assert (done.returncode, done.stdout) == (0, "")
    assert "No requests yet" in done.stderr and "--ephemeral" in done.stderr
    found = stats(user)
    assert found["totals"]["requests"] == 0 and found["by_model"] == found["by_day"] == found["by_tool"] == []
    assert found["requests_per_minute"]["limit"] is None


def test_requests_tokens_and_tools_are_counted_by_model_day_and_tool(scripted):
    look, refused = call("read", file_path="README.md"), call("write", file_path="new.txt", content="x")
    user = scripted(look, refused, call("read", file_path="nothing.txt"), {"text": "Done."}, {"text": "Routed."})
    user.plugsky("run", "look")
    user.plugsky("run", "-m", "auto", "--ephemeral", "not counted")
    found = stats(user)
    assert found["totals"]["requests"] == found["totals"]["answered"] == 4
    assert found["totals"]["prompt_tokens"] > found["totals"]["completion_tokens"] > 0
    (model,) = found["by_model"]
    assert (model["model"], model["asked"], model["requests"]) == ("plugsky-pro", "plugsky-pro", 4)
    (day,) = found["by_day"]
    assert (day["requests"], day["tool_calls"]) == (4, 3)
    tools = {row["tool"]: (row["calls"], row["ok"], row["failed"], row["refused"]) for row in found["by_tool"]}
    assert tools == {"read": (2, 1, 1, 0), "write": (1, 0, 0, 1)}


def test_a_table_fits_eighty_columns_with_its_numbers_on_the_right(scripted):
    user = scripted({"text": "One."}, {"text": "Two."})
    user.plugsky("run", "one")
    user.plugsky("run", "-m", "auto", "two")
    done = user.plugsky("stats", "--by", "model", "-C", ".")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("The last 30 days: 2 requests, ")
    head, *rows = lines[2:5]
    assert head.split() == ["Model", "Requests", "Retried", "Failed", "Prompt", "Cached", "Answer"]
    assert sorted(row.partition("  ")[0] for row in rows) == ["auto → plugsky-pro", "plugsky-pro"]
    assert len({len(line) for line in (head, *rows)}) == 1
    assert all(len(line) <= 80 for line in lines)
    assert "Day" not in done.stdout


def test_retries_count_and_the_model_that_was_asked_is_named_where_none_answered(scripted):
    busy = {"status": 503, "headers": {"Retry-After": "0.01"}, "error": "busy"}
    user = scripted(busy, {"text": "Now."}, {"status": 400, "error": "never"})
    user.plugsky("run", "go")
    user.plugsky("run", "-m", "auto", "go")
    found = stats(user)
    assert (found["totals"]["requests"], found["totals"]["retried"], found["totals"]["failed"]) == (3, 1, 1)
    assert {(row["model"], row["asked"]) for row in found["by_model"]} == {("plugsky-pro",) * 2, ("auto",) * 2}


def test_the_plans_limit_is_learned_from_an_answer_and_remembered(user, tmp_path):
    with simulator([{"text": "Hi."}], tmp_path, user.env, "--plan", "trial") as url:
        user.env["PLUGSKY_BASE_URL"] = url
        user.plugsky("run", "hello")
    minute = stats(user)["requests_per_minute"]
    assert (minute["now"], minute["peak"], minute["limit"], minute["source"]) == (1, 1, 60, "learned")
    assert minute["host"] in url
    done = user.plugsky("stats")
    assert "Requests in the last minute: 1" in done.stdout and "60 a minute" in done.stdout
    config = tmp_path / "home" / ".config" / "plugsky" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[api]\nrpm = 7\n")
    assert stats(user)["requests_per_minute"]["limit"] == 7


def test_other_folders_and_earlier_days_can_be_left_out(scripted, tmp_path):
    user = scripted({"text": "Hi."})
    user.plugsky("run", "hello")
    other = tmp_path / "other"
    other.mkdir()
    assert stats(user, "-C", str(other))["totals"]["requests"] == 0
    assert stats(user, "-C", ".", "--days", "1", "--mode", "plan")["totals"]["requests"] == 1
    assert set(stats(user, "--by", "tool")) == {"since", "totals", "by_tool", "requests_per_minute"}
    done = user.plugsky("stats", "--days", "0")
    assert done.returncode == 2 and "Traceback" not in done.stderr

"""Images, and models that cannot see them."""

from __future__ import annotations

import base64
import json

import pytest

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


@pytest.fixture
def picture(repo):
    (repo / "dot.png").write_bytes(PIXEL)
    return "dot.png"


def test_an_image_reaches_a_model_that_sees(scripted, picture):
    user = scripted({"text": "A dot."})
    done = user.plugsky("run", "-m", "plugsky-qwen-vl", "-f", picture, "What is this?")
    assert (done.returncode, done.stdout) == (0, "A dot.\n")


def test_a_model_that_cannot_see_is_not_sent_an_image_and_those_that_can_are_named(scripted, picture):
    user = scripted({"text": "never"})
    done = user.plugsky("run", "-m", "plugsky-lite", "-f", picture, "What is this?")
    assert done.returncode == 2 and done.stdout == ""
    assert "plugsky-lite cannot see images" in done.stderr and "plugsky-qwen-vl" in done.stderr
    events, _ = user.events("-m", "plugsky-lite", "-f", picture, "What is this?")
    assert events[-2]["code"] == "no_vision" and events[-1]["status"] == "failed"


def test_a_thread_with_an_image_goes_on_with_a_model_that_cannot_see(scripted, picture):
    user = scripted({"text": "A dot."}, {"text": "As I said."})
    user.plugsky("run", "-m", "plugsky-qwen-vl", "-f", picture, "What is this?")
    events, done = user.events("-c", "-m", "plugsky-lite", "And?")
    assert done.returncode == 0
    assert [event["text"] for event in events if event.get("code") == "images_left_out"] == [
        "plugsky-lite cannot see: 1 image(s) of this thread are not sent to it."
    ]


def test_an_image_that_is_too_large_names_its_size_and_the_limit(user, repo):
    (repo / "big.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(11 * 1024 * 1024))
    done = user.plugsky("run", "-m", "plugsky-qwen-vl", "-f", "big.png", "What is this?")
    assert done.returncode == 2
    assert "big.png" in done.stderr and "11,534,344" in done.stderr


def test_the_model_that_answered_is_told_and_kept(scripted):
    user = scripted({"text": "Yes."})
    events, _ = user.events("-m", "auto", "Are you there?")
    answered = next(event["model"] for event in events if event["type"] == "turn.completed")
    assert answered == "plugsky-pro"
    shown = user.plugsky("threads", "show", events[0]["thread_id"], "--json").stdout
    assert answered in json.dumps(json.loads(shown))

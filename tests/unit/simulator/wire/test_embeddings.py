"""Vectors: the documented dimensions and limits; the same everywhere; and the more alike two texts, the closer."""

from __future__ import annotations

import base64
import math
import subprocess
import sys
from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.simulator.embedding import embed


def ask(client: Any, given: Any, **more: Any) -> Any:
    return client.request("POST", "/v1/embeddings", {"model": "plugsky-embed", "input": given, **more})


def vectors(client: Any, given: Any, **more: Any) -> list[list[float]]:
    answer = ask(client, given, **more)
    assert answer.status == 200, answer.body
    assert [entry["index"] for entry in answer.json["data"]] == list(range(len(answer.json["data"])))
    return [entry["embedding"] for entry in answer.json["data"]]


def likeness(first: str, second: str) -> float:
    return sum(a * b for a, b in zip(embed(first, 4096), embed(second, 4096), strict=True))


@pytest.mark.parametrize(
    ("model", "dimensions"),
    [
        ("plugsky-embed", 4096),
        ("plugsky-embed-nim", 4096),
        ("plugsky-embed-multilingual", 1024),
        ("plugsky-embed-2", 1536),
        ("plugsky-embed-v1", 1536),
        ("plugsky-embed-large", 3072),
    ],
)
def test_each_model_has_its_documented_dimensions(client: Any, model: str, dimensions: int) -> None:
    answer = ask(client, "hello", model=model)
    [entry] = answer.json["data"]
    assert len(entry["embedding"]) == dimensions and entry["object"] == "embedding"
    assert answer.json["model"] == model and answer.json["object"] == "list"


def test_usage_counts_the_tokens_of_all_inputs(client: Any) -> None:
    assert ask(client, ["four", "eightchr"]).json["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    assert ask(client, [[1, 2, 3], [4]]).json["usage"]["prompt_tokens"] == 4


def test_input_is_a_text_or_tokens_or_a_list_of_either(client: Any) -> None:
    [one], two, [tokens], mixed = (vectors(client, given) for given in ("a", ["a", "b"], [1, 2], [[1, 2], [3]]))
    assert two[0] == one != two[1]
    assert mixed[0] == tokens != mixed[1]


def test_dimensions_shorten_to_a_vector_of_the_length_1(client: Any) -> None:
    [full], [short] = vectors(client, "hello world"), vectors(client, "hello world", dimensions=256)
    assert len(short) == 256 and math.isclose(math.hypot(*short), 1, rel_tol=1e-5)
    scale = math.hypot(*full[:256])
    assert short == pytest.approx([value / scale for value in full[:256]], abs=1e-6)


def test_base64_is_the_same_in_little_endian_floats(client: Any) -> None:
    [plain], [packed] = vectors(client, "hello"), vectors(client, "hello", encoding_format="base64")
    assert isinstance(packed, str)
    unpacked = array("f", base64.b64decode(packed))
    if sys.byteorder == "big":
        unpacked.byteswap()
    assert list(unpacked) == pytest.approx(plain, abs=1e-8)


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"input": None}, "input", "missing_required_parameter"),
        ({"input": ""}, "input", "invalid_value"),
        ({"input": []}, "input", "empty_array"),
        ({"input": {}}, "input", "invalid_type"),
        ({"input": ["a", ""]}, "input[1]", "invalid_value"),
        ({"input": ["a", 1]}, "input[1]", "invalid_type"),
        ({"input": [[]]}, "input[0]", "empty_array"),
        ({"input": [1, "a"]}, "input[1]", "invalid_type"),
        ({"input": [-1]}, "input[0]", "invalid_value"),
        ({"input": ["a"] * 2049}, "input", "array_above_max_length"),
        ({"input": "word " * 8000}, "input", "context_length_exceeded"),
        ({"input": [[7] * 8192]}, "input", "context_length_exceeded"),
        ({"model": ""}, "model", "missing_required_parameter"),
        ({"dimensions": 0}, "dimensions", "integer_below_min_value"),
        ({"dimensions": 5000}, "dimensions", "integer_above_max_value"),
        ({"encoding_format": "hex"}, "encoding_format", "invalid_value"),
        ({"user": 1}, "user", "invalid_type"),
        ({"inputs": 1}, "inputs", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_is_named(client: Any, change: dict[str, Any], param: str, code: str) -> None:
    answer = ask(client, **{"given": "a", **change})
    assert answer.status == 400, answer.body
    assert (answer.error["param"], answer.error["code"]) == (param, code)


def test_the_largest_request_there_may_be_is_answered(client: Any) -> None:
    assert len(vectors(client, ["a"] * 2048, dimensions=8)) == 2048
    assert len(vectors(client, [[7] * 8191], dimensions=8)) == 1


def test_a_chat_model_does_not_embed(client: Any) -> None:
    answer = ask(client, "a", model="plugsky-pro")
    assert answer.status == 404 and "plugsky-embed" in answer.error["message"]
    assert ask(client, "a", model="gpt-9").error["code"] == "model_not_found"


# --- what the vectors are worth --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "alike", "other"),
    [
        (
            "How do I reset my password?",
            "I forgot my password, how can I reset it?",
            "What is the weather in Dubai today?",
        ),
        ("parse the configuration file", "configuration file parser", "send a request over the network"),
        ("GCC banks run on us", "the banks of the GCC use us", "a haiku about summer"),
        ("getUserName", "get_user_name", "openSocket"),
        ("HTTPServer.handleRequest", "handle a request in the http server", "matrix of floats"),
        ("def test_parse_line():", "function that tests parsing a line", "colours of the terminal theme"),
        ("كيف أعيد تعيين كلمة المرور", "نسيت كلمة المرور وأريد إعادة تعيينها", "ما هي حالة الطقس اليوم"),
        ("البنوك في الخليج", "بنوك خليجية", "قصيدة عن الصيف"),
        ("Die Übersetzung der Datei", "Datei übersetzen", "Wetter von morgen"),
        ("データベースの接続エラー", "データベース接続のエラー", "今日の天気"),
    ],
)
def test_similar_texts_are_closer(text: str, alike: str, other: str) -> None:
    assert likeness(text, alike) > likeness(text, other) + 0.15
    assert likeness(text, alike) > 0.25


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Hello World", "hello world"),
        ("cafe\u0301", "caf\u00e9"),  # composed or not
        ("ＡＢＣ", "abc"),  # full width
        ("مُحَمَّد", "محمد"),  # vowels
        ("parseLine", "parse_line"),
        ("a  b\n\tc", "a b c"),
    ],
)
def test_what_is_written_another_way_is_the_same(text: str, same: str) -> None:
    assert likeness(text, same) > 0.95


def test_words_that_say_little_count_little() -> None:
    assert likeness("the timeout of the socket", "socket timeout") > likeness(
        "the timeout of the socket", "the colour of the sky"
    )


@given(st.text(min_size=1, max_size=300))
def test_any_text_has_a_vector_of_the_length_1(text: str) -> None:
    assert math.isclose(math.hypot(*embed(text, 1024)), 1, rel_tol=1e-4)
    assert embed(text, 64) == embed(text, 64)


def test_another_process_gives_the_same_vector() -> None:
    program = "from plugsky_tui.simulator.embedding import embed; print(embed('Hello, wörld, مرحبا getName', 64).tobytes().hex())"
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert said == [embed("Hello, wörld, مرحبا getName", 64).tobytes().hex()] * 2

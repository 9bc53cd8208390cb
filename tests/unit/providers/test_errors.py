from __future__ import annotations

import json
from typing import Any

import pytest

from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import Refusal, error_of, host_of, quote, read_complaint

MAIN = Endpoint("https://api.plugsky.test/v1", key=lambda: "psk_live_12345678")


def error(status: int, body: Any = b"", endpoint: Endpoint = MAIN, model: str = "m", **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_of(Refusal(status, headers, read_complaint(data)), endpoint, model=model)


@pytest.mark.parametrize(
    ("status", "body", "code", "hint"),
    [
        (400, {"error": {"message": "no"}}, "bad_request", ""),
        (401, {"error": {"message": "no"}}, "auth", "plugsky auth login"),
        (402, {}, "payment_required", "billing"),
        (403, {}, "forbidden", "scopes"),
        (404, {}, "model_not_found", "plugsky models"),
        (407, b"", "proxy_auth", "NAME:PASSWORD"),
        (408, b"", "timeout", "again"),
        (409, b"", "conflict", "again"),
        (413, b"", "too_large", "/new"),
        (418, b"", "bad_answer", ""),
        (429, {"error": {"code": "rate_limit_exceeded"}}, "rate_limited", "minute"),
        (429, {"error": {"code": "insufficient_quota", "message": "pay"}}, "insufficient_quota", "dashboard"),
        (429, {"error": {"type": "insufficient_quota"}}, "insufficient_quota", "dashboard"),
        (400, {"error": {"code": "context_length_exceeded"}}, "context_length", "/new"),
        (400, {"error": {"message": "maximum context length is 10"}}, "context_length", "/new"),
        (500, {"error": {"message": "no"}}, "server_error", "again"),
        (529, b"", "server_error", "again"),
        (522, b"<!DOCTYPE html><title>522</title>", "server_error", "again"),
        (200, b"<html><title>Hotel Wi-Fi</title>", "captive_portal", "browser"),
        (511, b"<html>", "captive_portal", "browser"),
        (302, b"", "redirected", "base_url"),
    ],
)
def test_each_status_has_a_code_and_what_to_do_next(status: int, body: Any, code: str, hint: str) -> None:
    raised = error(status, body)
    assert (raised.code, raised.status) == (code, status)
    assert hint in raised.hint
    assert "api.plugsky.test" in raised.message or code in ("context_length", "proxy_auth")


@pytest.mark.parametrize(
    ("words", "headers"),
    [
        ("You have insufficient permissions for this operation. Missing scopes: chat:write.", {}),
        ("Missing scopes: chat:write. This key has the scopes models:read, usage:read; use another.", {}),
        ("This key lacks the required scope 'chat:write'", {}),
        ("Requires scope `chat:write`.", {}),
        ("no", {"www-authenticate": 'Bearer realm="x", error="insufficient_scope", scope="chat:write"'}),
    ],
)
def test_a_missing_scope_is_named_with_where_to_give_it(words: str, headers: dict[str, str]) -> None:
    raised = error(403, {"error": {"message": words}}, **headers)
    assert "lacks the scope chat:write" in raised.hint
    assert "models:read" not in raised.hint
    assert "dashboard" in raised.hint and "infer" in raised.hint and "plugsky auth login" in raised.hint


def test_several_missing_scopes_are_all_named() -> None:
    raised = error(403, {"error": {"message": "Missing scopes: chat:write, embeddings:write. This key has none."}})
    assert "the scopes chat:write, embeddings:write" in raised.hint


def test_where_no_scope_is_named_the_hint_says_which_is_needed() -> None:
    hint = error(403, {"error": {"message": "Forbidden scope <b>:x</b>"}}).hint
    assert "chat:write" in hint and "lacks" not in hint


def test_the_scopes_of_another_provider_are_changed_there() -> None:
    raised = error(403, {"error": {"message": "Missing scopes: chat:write"}}, Endpoint("http://x.test", name="local"))
    assert "at x.test" in raised.hint and "[providers.local]" in raised.hint and "infer" not in raised.hint


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "words"}}, "words"),
        ({"error": "words"}, "words"),
        ({"message": "words"}, "words"),
        ({"detail": "words"}, "words"),
        ({"detail": [{"loc": ["body", "model"], "msg": "words"}]}, "words"),
        ([{"error": {"message": "words"}}], "words"),
        ("words", "words"),
        (b"words", "words"),
        (b"\xff\xfewords", "words"),
        (b"<html><TITLE lang=en>\n words </TITLE>", "words"),
        ({"error": {"message": ["x"]}}, ""),
        ({"error": None}, ""),
        (b"", ""),
        (b"[" * 100_000, ""),
        (b"null", ""),
        (b"7", ""),
    ],
)
def test_what_the_server_says_is_found_in_any_shape(body: Any, said: str) -> None:
    assert said in error(400, body).message


def test_the_words_of_a_server_are_bounded_and_one_line() -> None:
    message = error(500, {"error": {"message": "a\n\n b " + "x" * 100_000}}).message
    assert "a b x" in message
    assert len(message) < 600


def test_no_key_comes_back() -> None:
    body = {"error": {"message": "Incorrect key psk_live_12345678; tried Bearer abcdefghij and sk-live-a1b2c3d4"}}
    message = error(401, body).message
    for secret in ("12345678", "abcdefghij", "a1b2c3d4"):
        assert secret not in message
    assert "s3cret!" not in quote("the key s3cret! is bad", Endpoint("http://x", key=lambda: "s3cret!"))


def test_a_missing_key_and_a_wrong_one_are_told_apart() -> None:
    assert "none is set" in error(401, endpoint=Endpoint("http://x")).message
    assert "does not accept" in error(401).message
    assert "[providers.local]" in error(401, endpoint=Endpoint("http://x", name="local")).hint


def test_a_key_that_cannot_be_read_does_not_hide_the_error() -> None:
    def broken() -> str:
        raise ConfigError("unreadable")

    assert error(500, {"error": "words"}, Endpoint("http://x", key=broken)).code == "server_error"


def test_the_request_id_is_kept_from_header_or_body() -> None:
    assert error(500, b"", **{"x-request-id": "r1"}).request_id == "r1"
    assert error(500, {"error": {"requestId": "r2"}}).request_id == "r2"


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://a.test/v1", "a.test"), ("http://u:p@a.test:8/v1", "a.test:8"), ("", "the server"), ("a.test", "a.test")],
)
def test_the_host_is_named_without_secrets(url: str, host: str) -> None:
    assert host_of(Endpoint(url)) == host


def test_what_keys_begin_with_is_no_key() -> None:
    said = "Keys begin with psk_live_ or sk-live-."
    assert quote(said, Endpoint("http://x")) == said
    assert "abcd1234" not in quote("the key sk-live-abcd1234 is bad", Endpoint("http://x"))

"""Fetching: the web at large passes, this computer and its network are asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

JudgeOf = Callable[..., Any]


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "http://docs.python.org:8080/x?y=1", "https://8.8.8.8/", "https://[2606:4700::1111]/"],
)
def test_the_web_is_read(judge_of: JudgeOf, url: str) -> None:
    assert judge_of().fetch(url).verdict == "allow"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://localhost",
            "http://localhost:3000/x",
            "http://LOCALHOST.",
            "http://a.localhost",
            "http://127.0.0.1",
            "http://127.1",
        ),
        *(
            "http://2130706433",
            "http://0x7f000001",
            "http://0177.0.0.1",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0",
        ),
        *(
            "http://10.0.0.1",
            "http://192.168.1.1",
            "http://172.16.0.1",
            "http://169.254.169.254/latest",
            "http://[fe80::1]/",
        ),
        *(
            "http://[fd00::1]/",
            "http://intranet",
            "http://printer.local",
            "http://metadata.google.internal",
            "http://100.64.0.1",
        ),
        "http://[2002:7f00:1::]/",
    ],
)
def test_what_is_near_is_asked_about(judge_of: JudgeOf, url: str) -> None:
    assert judge_of(mode="auto").fetch(url).verdict == "ask"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x.org",
        "javascript:1",
        "x",
        "http://",
        "http://a b/",
        "http://x\\@y/",
        "http://[::1",
        "http://x:y/",
    ],
)
def test_what_is_no_web_page_is_refused(judge_of: JudgeOf, url: str) -> None:
    assert judge_of(mode="auto", allow=("fetch", "web_fetch")).fetch(url).verdict == "deny"


def test_a_url_with_a_password_in_it_is_asked(judge_of: JudgeOf) -> None:
    judgement = judge_of(mode="auto", allow=("fetch",)).fetch("https://api.x.com@evil.org/")
    assert (judgement.verdict, judgement.rememberable) == ("ask", False)
    assert "evil.org" in judgement.reason


def test_rules_name_hosts(judge_of: JudgeOf) -> None:
    judge = judge_of(allow=("fetch(localhost)",), deny=("fetch(*.evil.org)", "web_fetch(bad.org)"))
    assert judge.fetch("http://localhost:8000/").verdict == "allow"
    assert judge.fetch("http://x.evil.org/").verdict == "deny"
    assert judge.fetch("http://bad.org/").verdict == "deny"
    assert judge.fetch("http://good-evil.org/").verdict == "allow"
    assert judge_of().fetch("http://localhost/").suggested_rules == ["fetch(localhost)"]

"""What a request holds: the kinds add up to what the server counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.panels import SAID, SYSTEM

from plugsky_tui.frontends.context_facts import context_facts, estimate
from plugsky_tui.kernel.ports import ToolDefinition

TOOLS = [ToolDefinition("read", "Reads a file. " * 20, {"type": "object"})]


def facts(tokens=None, said=SAID):
    return context_facts(system=SYSTEM, definitions=TOOLS, conversation=said, tokens=tokens, window=131_072)


def test_instructions_stand_under_the_name_of_their_file():
    shares = {share.name: share.tokens for share in facts().shares}
    assert 500 < shares["AGENTS.md"] < 700
    assert 600 < shares["system prompt"] < 800


@given(st.integers(100, 1_000_000))
def test_the_shares_add_up_to_the_servers_count(tokens):
    found = facts(tokens)
    assert found.counted
    assert abs(sum(share.tokens for share in found.shares) - tokens) <= 10 + tokens // 1000


def test_the_largest_results_come_with_what_was_called():
    assert [name for name, _ in facts().largest] == ["read src/settings.py", "shell pytest -q tests/unit"]


def test_nothing_said_yet_is_the_system_prompt_and_the_tools():
    found = facts(said=[])
    assert [share.kind for share in found.shares] == ["system", "instructions", "tools"]
    assert not found.counted


@given(st.text(max_size=200))
def test_every_text_takes_some_room_and_never_more_than_its_length(text):
    assert estimate(text) <= len(text) + 1
    assert bool(estimate(text)) == bool(text)

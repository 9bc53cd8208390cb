"""Keys are taken out of texts, also of those that come in pieces."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.redaction import StreamRedactor, redact

KEY = "psk_live_pp01psk_liv"  # holds its own beginning: the hard case
OTHER = "local-key-99"


def test_every_key_goes_and_short_ones_are_left_alone():
    assert redact(f"a {KEY} b {OTHER}{KEY}", [KEY, OTHER]) == "a [key] b [key][key]"
    assert redact("ollama", ["ollama"]) == "ollama"


@given(st.lists(st.sampled_from([KEY, OTHER, "p", "psk_", "live", " and ", KEY[:7], KEY[-5:]]), max_size=12), st.data())
def test_wherever_a_stream_is_cut_the_same_is_left(parts, data):
    whole = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))
    redactor = StreamRedactor([KEY, OTHER])
    bounds = [0, *cuts, len(whole)]
    shown = "".join(redactor.feed(whole[a:b]) for a, b in pairwise(bounds)) + redactor.end()
    assert KEY not in shown and OTHER not in shown
    assert shown.replace("[key]", "") == redact(whole, [KEY, OTHER]).replace("[key]", "")


def test_what_begins_no_key_is_not_kept_waiting():
    redactor = StreamRedactor([KEY])
    assert redactor.feed("Hello, ") == "Hello, " and not redactor.waiting
    assert redactor.feed("stop") == "sto" and redactor.waiting
    assert redactor.feed("ping") == "pping"

"""The results that are kept are bounded."""

from __future__ import annotations

from plugsky_tui.simulator.plutos_results import Results


def test_the_oldest_result_of_a_key_goes_first() -> None:
    results = Results(max_results=2)
    for name in ("a", "b", "c"):
        results.keep("key", {"id": name})
    assert [results.find("key", name) for name in ("a", "b", "c")] == [None, {"id": "b"}, {"id": "c"}]


def test_the_key_longest_unused_goes_first() -> None:
    results = Results(max_keys=2)
    for key in ("one", "two", "one", "three"):
        results.keep(key, {"id": key})
    assert results.find("one", "one") and results.find("three", "three") and results.find("two", "two") is None

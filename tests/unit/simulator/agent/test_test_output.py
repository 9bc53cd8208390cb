"""The output of test runners, read. The samples are what these runners print."""

from __future__ import annotations

from plugsky_tui.simulator.agent.test_output import Frame, read_tests

PYTEST = """\
F.                                                                       [100%]
=================================== FAILURES ===================================
___________________________ TestArea.test_it[1-2] ______________________________
tests/test_a.py:10: in test_it
    assert area(1) == 3
E   assert 2 == 3
E    +  where 2 = area(1)
________________________________ test_raises ___________________________________
tests/test_a.py:14: in test_raises
    run()
src/a.py:3: in run
    return lenght
           ^^^^^^
E   NameError: name 'lenght' is not defined. Did you mean: 'length'?
=========================== short test summary info ============================
FAILED tests/test_a.py::TestArea::test_it[1-2] - assert 2 == 3
FAILED tests/test_a.py::test_raises - NameError: name 'lenght' is not defined...
2 failed, 1 passed in 0.05s
"""

UNCOLLECTED = """\
==================================== ERRORS ====================================
_______________________ ERROR collecting tests/test_i.py _______________________
ImportError while importing test module '/x/tests/test_i.py'.
tests/test_i.py:1: in <module>
    import freezegun
E   ModuleNotFoundError: No module named 'freezegun'
=========================== short test summary info ============================
ERROR tests/test_i.py
!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
1 error in 0.93s
"""

UNITTEST = """\
.F
======================================================================
FAIL: test_two (test_m.Case.test_two)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/x/test_m.py", line 8, in test_two
    self.assertEqual(f(2), 5)
AssertionError: 4 != 5

----------------------------------------------------------------------
Ran 2 tests in 0.001s

FAILED (failures=1)
"""

GO = """\
--- FAIL: TestAdd (0.00s)
    add_test.go:9: got 3, want 4
FAIL
FAIL\texample.com/add\t0.002s
FAIL
"""

CARGO = """\
running 2 tests
test tests::good ... ok
test tests::bad ... FAILED

failures:

---- tests::bad stdout ----
thread 'tests::bad' panicked at src/lib.rs:12:9:
assertion `left == right` failed

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""

JEST = """\
FAIL ./sum.test.js
  ● adds

    expect(received).toBe(expected)

      at Object.<anonymous> (sum.test.js:4:21)

Tests:       1 failed, 2 passed, 3 total
"""


def test_pytest() -> None:
    run = read_tests(PYTEST)
    assert (run.passed, run.failed, run.seconds, run.green) == (1, 2, 0.05, False)
    first, second = run.failures
    assert first.test == "tests/test_a.py::TestArea::test_it[1-2]" and first.summary == "assert 2 == 3"
    assert first.frames == [Frame("tests/test_a.py", 10, "test_it")]
    assert second.place == Frame("src/a.py", 3, "run") and "Did you mean: 'length'" in second.summary


def test_pytest_in_colours_is_the_same() -> None:
    coloured = PYTEST.replace("2 failed", "\x1b[31m\x1b[1m2 failed\x1b[0m").replace("FAILED ", "\x1b[31mFAILED\x1b[0m ")
    assert read_tests(coloured) == read_tests(PYTEST)


def test_a_package_that_is_missing_is_told_apart_from_a_fault() -> None:
    run = read_tests(UNCOLLECTED)
    assert run.failed == 1 and [failure.missing for failure in run.failures] == ["freezegun"]


def test_a_green_run_and_no_run() -> None:
    assert read_tests("...\n3 passed in 0.01s\n").green
    assert read_tests("=== 3 passed, 1 skipped in 61.20s (0:01:01) ===\n").green
    assert not read_tests("no tests ran in 0.01s").understood
    assert not read_tests("bash: line 1: python: command not found").understood


def test_unittest() -> None:
    run = read_tests(UNITTEST)
    assert (run.passed, run.failed, run.runner) == (1, 1, "unittest")
    assert run.failures[0].test == "test_m.Case.test_two" and run.failures[0].summary == "AssertionError: 4 != 5"
    assert run.failures[0].frames == [Frame("/x/test_m.py", 8, "test_two")]


def test_other_languages_name_test_place_and_message() -> None:
    go, cargo, jest = read_tests(GO), read_tests(CARGO), read_tests(JEST)
    assert go.failures[0].test == "TestAdd" and go.failures[0].place == Frame("add_test.go", 9)
    assert (
        cargo.failures[0].test == "tests::bad"
        and cargo.failures[0].place == Frame("src/lib.rs", 12)
        and cargo.passed == 1
    )
    assert jest.failures[0].test == "adds" and jest.failures[0].place == Frame("sum.test.js", 4) and jest.passed == 2
    assert read_tests("ok  \texample.com/add\t0.002s\n").green

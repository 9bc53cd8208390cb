"""Searching: exact, with numpy and without, in the files as they are now."""

from __future__ import annotations

import math
import os
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.semantic import Repo

from plugsky_tui.workspace.semantic.scoring import packed, ranked
from plugsky_tui.workspace.semantic.search import notes_of

NUMBERS = st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4).filter(lambda values: math.hypot(*values) > 0.01)


def unit(values: list[float]) -> array[float]:
    length = math.hypot(*values)
    return array("f", [value / length for value in values])


@pytest.mark.parametrize("numpy", [False, True])
@given(query=NUMBERS, vectors=st.lists(NUMBERS, max_size=20))
def test_scores_are_cosines_and_the_nearest_come_first(
    numpy: bool, query: list[float], vectors: list[list[float]]
) -> None:
    if numpy:
        pytest.importorskip("numpy")
    rows = [(bytes([at]), packed(unit(vector))) for at, vector in enumerate(vectors)]

    found = ranked(unit(query), [rows[:7], rows[7:]], numpy=numpy)

    scores = {key: score for score, key in found}
    for at, vector in enumerate(vectors):
        cosine = math.fsum(a * b for a, b in zip(query, vector, strict=True)) / math.hypot(*query) / math.hypot(*vector)
        assert scores[bytes([at])] == pytest.approx(cosine, abs=1e-5)
    assert [score for score, _ in found] == sorted(scores.values(), reverse=True)


def test_what_has_no_direction_or_other_dimensions_is_not_near_anything() -> None:
    query = unit([1.0, 0.0])

    assert ranked(query, [[(b"a", packed(array("f", [0.0, 0.0]))), (b"b", packed(unit([1.0, 0.0, 0.0])))]]) == []


async def test_the_nearest_place_comes_first_with_its_lines(repo: Repo) -> None:
    await repo.build()

    [first, *_] = repo.search("append an item to a queue").hits

    assert (first.path, first.first, first.last, first.changed) == ("src/queue.py", 1, 3, False)
    assert first.text == (repo.path / "src/queue.py").read_text().rstrip("\n")
    assert first.score > 0.3


async def test_only_where_it_was_asked_to_look_and_where_it_may(repo: Repo) -> None:
    await repo.build()

    assert {hit.path for hit in repo.search("queue", 9, within=["src/**"]).hits} == {"src/queue.py"}
    assert {hit.path for hit in repo.search("queue", 9, within=["*.txt"]).hits} == {"pay.txt", "cook.txt"}
    assert len(repo.search("queue", 2).hits) == 2


async def test_lines_that_have_moved_are_found_where_they_are_now(repo: Repo) -> None:
    await repo.build()
    repo.put("pay.txt", "A new\nbeginning\n\n" + (repo.path / "pay.txt").read_text())

    found = repo.search("invoices paid by bank transfer")

    assert (found.hits[0].path, found.hits[0].first, found.hits[0].last, found.hits[0].changed) == (
        "pay.txt",
        4,
        4,
        False,
    )
    assert found.changed == ["pay.txt"]


async def test_lines_that_were_changed_are_shown_as_they_are_and_marked(repo: Repo) -> None:
    await repo.build()
    repo.put("pay.txt", "Invoices are paid in cash.\n")

    hit = repo.search("invoices paid by bank transfer").hits[0]

    assert (hit.path, hit.text, hit.changed) == ("pay.txt", "Invoices are paid in cash.", True)


async def test_files_that_are_gone_are_left_out_and_counted(repo: Repo) -> None:
    await repo.build()
    (repo.path / "pay.txt").unlink()

    found = repo.search("invoices paid by bank transfer")

    assert "pay.txt" not in {hit.path for hit in found.hits}
    assert notes_of(found, str) == [
        "1 file has changed since the index was built (pay.txt): plugsky index, which the user can run, brings it up to date"
    ]


async def test_a_link_put_in_the_place_of_a_file_is_not_followed(repo: Repo) -> None:
    await repo.build()
    (repo.path / "pay.txt").unlink()
    os.symlink("/etc/hostname", repo.path / "pay.txt")

    assert "pay.txt" not in {hit.path for hit in repo.search("invoices paid by bank transfer").hits}


async def test_places_that_overlap_become_one(repo: Repo) -> None:
    body = "\n".join(f"word_{number} " * 12 for number in range(20))
    repo.put("long.txt", f"{body}\n\nfirst ending\n\n{body}\n\nsecond ending\n")
    await repo.build()
    whole = (repo.path / "long.txt").read_text()
    repo.put("long.txt", whole.split("\n\nfirst")[0] + "\n")  # both copies are the same lines now

    hits = [hit for hit in repo.search("word_1 word_2 word_3", 9).hits if hit.path == "long.txt"]

    covered = [line for hit in hits for line in range(hit.first, hit.last + 1)]
    assert len(covered) == len(set(covered))

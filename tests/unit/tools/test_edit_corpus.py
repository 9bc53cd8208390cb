"""Near-miss edits as models send them: each lands in its one place, or is refused with what to do."""

from __future__ import annotations

import pytest
from support.edit_cases import EditCase, edit_cases

from plugsky_tui.tooling import ToolError

CASES = edit_cases()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_it_lands_in_its_place_or_is_refused(ws, case: EditCase) -> None:
    path = ws.put(case.path, case.data)
    if case.expected is None:
        with pytest.raises(ToolError) as caught:
            await ws(case.tool, **case.arguments)
        assert path.read_bytes() == case.data
        said = f"{caught.value.message}\n{caught.value.hint}"
        assert [word for word in case.refused if word not in said] == [], said
        return
    result = await ws(case.tool, **case.arguments)
    assert path.read_bytes().decode("utf-8", "replace") == case.expected.decode("utf-8", "replace")
    assert path.read_bytes() == case.expected
    assert (case.how or "") in result.output

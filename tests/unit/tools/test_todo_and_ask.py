"""todo and ask_user."""

from __future__ import annotations

from plugsky_tui.kernel.display import TodoBlock, TodoItem


async def test_the_list_is_kept_and_shown(ws) -> None:
    result = await ws("todo", items=[{"text": "look", "status": "completed"}, {"text": "act"}])
    assert result.output == "1 of 2 done.\n[x] look\n[ ] act"
    assert result.display == [TodoBlock([TodoItem("look", "completed"), TodoItem("act")])]
    assert ws.context.todos == [TodoItem("look", "completed"), TodoItem("act")]


async def test_what_other_agents_send_is_understood(ws) -> None:
    todos = [{"content": "look", "status": "in-progress", "activeForm": "Looking", "id": "1", "priority": "high"}]
    await ws("todo", todos=todos)
    assert ws.context.todos == [TodoItem("look", "in_progress")]
    await ws("todo", items='[{"content": "act", "status": "done"}]')
    assert ws.context.todos == [TodoItem("act", "completed")]
    await ws("todo", items=[])
    assert ws.context.todos == []


async def test_a_question_gets_its_answer(ws) -> None:
    asked: list[tuple[str, list[str]]] = []

    async def answer(question: str, options: list[str]) -> str | None:
        asked.append((question, options))
        return "blue" if options else None

    ws.context.ask_user = answer
    assert (await ws("ask_user", question="Which?", options=["red", "blue"])).output == "The user answers: blue"
    assert (await ws("ask_user", question="Well?")).output == "The user gave no answer."
    assert asked == [("Which?", ["red", "blue"]), ("Well?", [])]


async def test_with_no_one_to_ask_the_model_is_told_to_decide(ws) -> None:
    assert "Decide yourself" in await ws.fails("ask_user", question="Which?")

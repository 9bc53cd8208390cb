"""Jobs that run nothing and whose times stand still, for screens."""

from __future__ import annotations

from types import SimpleNamespace


def job(number: int, command: str, seconds: float, exit_code: int | None = None, output: str = "", description=""):
    ended = None if exit_code is None else SimpleNamespace(exit_code=exit_code, signal="")
    return SimpleNamespace(
        job_id=f"job_{number}",
        command=command,
        seconds=seconds,
        ended=ended,
        state="running" if ended is None else "ended",
        description=description,
        path=f"/home/you/.cache/plugsky/outputs/plugsky-shell-{number}.txt",
        last=lambda characters: output,
    )


def three_jobs():
    return [
        job(1, "npm run dev -- --host 127.0.0.1 --port 5173", 754, output="ready in 312 ms\n"),
        job(2, "pytest -q -n 2 tests/unit --durations=10 --maxfail=3", 41, 1, "3 failed, 1200 passed\n"),
        job(3, "docker compose -f docker-compose.test.yml up --build database cache queue mail", 9.4),
    ]

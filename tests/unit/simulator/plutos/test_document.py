"""The examples of the PlutosAI document, run as they stand there but for URL and key (tests/data/plutos)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.simulated import KEY

EXAMPLES = Path(__file__).parents[3] / "data" / "plutos"


def example(name: str, url: str) -> str:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    return text.replace("https://api.plutos-ai.com/v1", url).replace("YOUR_API_KEY", KEY)


def run(command: list[str]) -> str:
    program = shutil.which(command[0])
    assert program is not None
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def curl(script: str) -> Any:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    return json.loads(run(["sh", "-c", script]))


def test_the_curl_example_of_process(client: Any) -> None:
    result = curl(example("process.sh", client.url))
    assert list(result) == ["id", "output", "model", "usage", "createdAt", "processingTime"]
    assert result["model"] == "gpt-4" and result["id"].startswith("proc_") and result["output"]
    assert list(result["usage"]) == ["promptTokens", "completionTokens", "totalTokens"]


def test_the_curl_example_of_batch(client: Any) -> None:
    result = curl(example("batch.sh", client.url))
    assert list(result) == ["id", "results", "totalUsage", "createdAt", "processingTime"]
    assert [part["input"] for part in result["results"]] == [
        "What is the capital of France?",
        "What is the capital of Germany?",
        "What is the capital of Italy?",
    ]
    assert sum(part["usage"]["totalTokens"] for part in result["results"]) == result["totalUsage"]["totalTokens"]


def test_the_javascript_example_of_stream(client: Any, tmp_path: Path) -> None:
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    script = tmp_path / "stream.mjs"
    script.write_text(example("stream.mjs", client.url), encoding="utf-8")
    printed = run(["node", str(script)])
    assert "offline simulator" in printed and printed.endswith("\nComplete!\n")

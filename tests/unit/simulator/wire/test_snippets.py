"""The examples of the API's own documentation, word for word but for the URL and the key."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.library import Library

openai = Library("openai")

SNIPPETS = Path(__file__).parents[3] / "data" / "snippets"
KEY = "psk_live_0123456789"
WHO = "_I am plugsky's offline simulator"


def snippet(name: str, url: str) -> str:
    """The example in `name`, with the simulator's URL and a key of its own where the documentation has dots."""
    text = (SNIPPETS / name).read_text(encoding="utf-8").replace("https://api.plugsky.com/v1", url)
    for shown in ("psk_live_…", "sk-live-PLUGSKY...", "sk-live-..."):
        text = text.replace(shown, KEY)
    return text


def play(text: str, url: str) -> dict[str, Any]:
    """Run the example, after the ones before it on its page: they have made `client`. What it leaves behind."""
    names: dict[str, Any] = {"OpenAI": openai.OpenAI, "client": openai.OpenAI(api_key=KEY, base_url=url)}
    exec(compile(text, "snippet", "exec"), names)
    return names


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("first_call.py", WHO),
        ("haiku_streamed.py", WHO),
        ("embeddings.py", "1536 dimensions\n"),
        ("embed_large.py", "3072 dimensions\n"),
    ],
)
def test_an_example_prints_what_the_documentation_says(
    client: Any, capsys: pytest.CaptureFixture[str], name: str, printed: str
) -> None:
    play(snippet(name, client.url), client.url)
    assert capsys.readouterr().out.startswith(printed)


def test_the_migration_example_answers(client: Any) -> None:
    assert play(snippet("migration.py", client.url), client.url)["resp"].choices[0].message.content.startswith(WHO)


def test_the_batch_example_gives_a_vector_for_each_text(client: Any) -> None:
    assert [len(vector) for vector in play(snippet("embed_batch.py", client.url), client.url)["vectors"]] == [1536] * 3


def test_the_routing_example_prints_who_answered(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """OpenAI's SDK takes fields of others in `extra_body` alone: as it is written, the second call is a TypeError."""
    text = snippet("fusion_and_routing.py", client.url)
    with pytest.raises(TypeError, match="route_hint"):
        play(text, client.url)
    text = text.replace('route_hint="cost",', 'extra_body={"route_hint": "cost", "max_cost_per_1m": 0.50},')
    play(text.replace("    max_cost_per_1m=0.50,\n", ""), client.url)
    assert capsys.readouterr().out.split() == ["plugsky-micro"] * 3


def test_the_back_pressure_example_streams_and_ends_with_the_usage(
    client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """`text_stream` is Anthropic's name: the stream of OpenAI's SDK has none, and is itself read for its events."""
    text = snippet("back_pressure.py", client.url)
    with pytest.raises(AttributeError, match="text_stream"):
        play(text, client.url)
    play(
        text.replace("stream.text_stream", "(e.delta for e in stream if e.type == 'content.delta')"),
        client.url,
    )
    out = capsys.readouterr().out
    assert out.startswith(WHO) and "\n--- usage: " in out


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_curl_example_with_an_idempotency_key(client: Any, tmp_path: Path) -> None:
    uuidgen = tmp_path / "uuidgen"  # not every machine has one; and the same twice is the point of it
    uuidgen.write_text("#!/bin/sh\necho 3f0c2f9e-0000-4000-8000-000000000000\n")
    uuidgen.chmod(0o755)
    said = [
        subprocess.run(
            ["bash", "-c", snippet("idempotency.sh", client.url)],
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PLUGSKY_API_KEY": KEY, "NO_PROXY": "*"},
            capture_output=True,
            timeout=20,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert json.loads(said[0])["choices"][0]["message"]["content"].startswith(WHO)
    assert said[0] == said[1]  # the id too: the second is the first again

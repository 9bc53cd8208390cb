"""The scene that end-to-end tests and the README's recording share: a published package, a planted fault, plugsky in tmux."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

SDIST = Path(__file__).parent.parent / "data" / "toolz-1.2.0.tar.gz"
FAULTY_FILE = "toolz/itertoolz.py"
RIGHT = "    return itertools.islice(seq, n, None)\n\n\ndef take_nth"
WRONG = "    return itertools.islice(seq, n + 1, None)\n\n\ndef take_nth"

Shoot = Callable[[str, float], None]


def unpack_with_fault(folder: Path) -> Path:
    """The package's source as its authors published it, but for one planted fault, in a git repository."""
    with tarfile.open(SDIST) as archive:
        archive.extractall(folder, filter="data")
    source = folder / "toolz"
    (folder / "toolz-1.2.0").rename(source)
    faulty = source / FAULTY_FILE
    text = faulty.read_text()
    assert text.count(RIGHT) == 1
    faulty.write_text(text.replace(RIGHT, WRONG))
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "toolz 1.2.0"]):
        subprocess.run(
            ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *words],
            cwd=source,
            check=True,
            capture_output=True,
        )
    return source


def is_mended(source: Path) -> bool:
    return RIGHT in (source / FAULTY_FILE).read_text()


def environment(home: Path) -> dict[str, str]:
    """A fresh user: an empty HOME, and the programs of this test run."""
    home.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {
        "HOME": str(home),
        "PATH": path,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

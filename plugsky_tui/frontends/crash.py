"""What the user is told when plugsky itself breaks: a sentence, and where the details are."""

from __future__ import annotations

import os
from pathlib import Path

from plugsky_tui.frontends.text import clean


def report(error: BaseException, data_dir: Path | None) -> str:
    """Put the traceback (without the values of variables: they may be secrets) into a file; what to tell the user."""
    from datetime import datetime, timezone
    from traceback import format_exception

    from plugsky_tui.config.credentials import conceal

    lines = [f"plugsky broke down: {type(error).__name__}: {error}"]
    if data_dir is not None:
        lines.append("What was said and done is kept: plugsky -c takes it up again.")
        path = data_dir / "crashes" / f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}.txt"
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(conceal("".join(format_exception(error))))
            lines.append(f"For a bug report: {path}")
        except OSError:
            pass  # the sentence has to do
    return clean(conceal("\n".join(lines)))

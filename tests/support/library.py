"""Libraries that take long to import, for tests."""

from __future__ import annotations

from typing import Any

import pytest


class Library:
    """`Library("openai").OpenAI`: imported when first used, or the test is skipped where it is not installed.

    Every process that tests imports every file of tests, and these libraries take two seconds of that.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(pytest.importorskip(self._name), attribute)

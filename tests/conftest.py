"""What holds for every test: how many examples hypothesis tries, and what it costs to look for garbage.

PLUGSKY_EXAMPLES=1000 tries as many examples in every test that names no number; without it, 50.
"""

from __future__ import annotations

import gc
import os

from hypothesis import settings

# No deadline: the machine may have other things to do.
settings.register_profile("plugsky", max_examples=int(os.environ.get("PLUGSKY_EXAMPLES", "50")), deadline=None)
settings.load_profile("plugsky")

gc.disable()  # until all tests are read: they and what they import, a million objects, are no garbage


def pytest_collection_finish() -> None:
    gc.freeze()  # nor are they to be looked at again
    gc.enable()

"""Names like one that does not exist: most wrong paths are nearly right."""

from __future__ import annotations

import os

_MOST_NAMES = 5_000
_SHOWN = 5


def similar_paths(real: str, root: str) -> list[str]:
    """Up to five existing paths that may have been meant by the missing `real`; those in its folder first.

    Where its folder is missing too, files of the same name under `root` are looked for, breadth
    first and not beyond a few thousand names. Blocking.
    """
    folder, name = os.path.split(real)
    if os.path.isdir(folder):
        from difflib import get_close_matches  # only on the way to an error

        try:
            names = os.listdir(folder)[:_MOST_NAMES]
        except OSError:
            return []
        lower = {each.lower(): each for each in names}
        close = get_close_matches(name.lower(), list(lower), n=_SHOWN, cutoff=0.6)
        stem = name.rpartition(".")[0] or name
        same_stem = [each for each in lower if each.rpartition(".")[0] == stem.lower()]
        return [os.path.join(folder, lower[each]) for each in dict.fromkeys((*close, *same_stem))][:_SHOWN]
    return _of_this_name(name, root)


def _of_this_name(name: str, root: str) -> list[str]:
    found: list[str] = []
    seen = 0
    waiting = [root]
    while waiting and seen < _MOST_NAMES and len(found) < _SHOWN:
        folder = waiting.pop(0)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    seen += 1
                    if entry.name == name:
                        found.append(entry.path)
                    elif entry.is_dir(follow_symlinks=False) and not entry.name.startswith((".", "node_modules")):
                        waiting.append(entry.path)
        except OSError:
            continue
    return sorted(found)[:_SHOWN]

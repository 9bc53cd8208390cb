"""Prompts that commands send in the user's name; they are shown like any other."""

from __future__ import annotations

WRITE_INSTRUCTIONS = """\
Write AGENTS.md at the root of this repository: what someone has to know who is to work on it for the first time.

Look around first: README and other docs, how it is built, tested and checked (manifests, CI, scripts), how the code is \
laid out, the style of a few typical files. Where AGENTS.md or CLAUDE.md exists already, keep what is right in it and mend \
the rest.

Put in, briefly, and only what you have seen in the files:
- the commands to build, test (also a single test), lint and format
- how the code is laid out: the parts, and what depends on what
- conventions that a newcomer would get wrong: style, names, errors, tests, commits
- what must not be done

No general advice, nothing that can be seen at a glance, nothing made up. Under 60 lines."""

import os
import sys

# `python -m` puts the current folder first on the path: what lies there must not pass for a library.
if not sys.flags.safe_path and sys.path and sys.path[0] in ("", os.getcwd()):  # noqa: PTH109
    del sys.path[0]

from plugsky_tui.cli import main

sys.exit(main())

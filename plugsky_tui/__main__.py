import sys

from plugsky_tui.cli import main

sys.exit(main())

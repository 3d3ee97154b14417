"""``python -m pressrun.cli``."""

import sys

from pressrun.cli import main

if __name__ == "__main__":
    sys.exit(main())

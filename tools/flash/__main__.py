"""`python -m tools.flash`: see command.py."""

import sys

from tools.flash.command import main

if __name__ == "__main__":
    sys.exit(main())

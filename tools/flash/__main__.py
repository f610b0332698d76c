"""`python -m tools.flash`: see command.py."""

import sys

from tools.flash.command import main

sys.exit(main())

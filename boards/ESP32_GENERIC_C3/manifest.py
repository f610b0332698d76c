"""A firmware for this board with hssmtp in it."""

include("$(PORT_DIR)/boards/manifest.py")  # what it has anyway
include("../manifest.py")
module("board.py")

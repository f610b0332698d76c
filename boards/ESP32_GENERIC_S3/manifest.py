"""Freeze hssmtp into a firmware for this board."""

include("$(PORT_DIR)/boards/manifest.py")  # MicroPython's own modules
include("../manifest.py")
module("board.py")

"""Freeze hssmtp into a firmware for this board."""

include("$(BOARD_DIR)/manifest.py")  # MicroPython's own modules
include("../manifest.py")
module("board.py")

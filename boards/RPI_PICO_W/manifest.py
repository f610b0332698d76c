"""A firmware for this board with hssmtp in it."""

include("$(BOARD_DIR)/manifest.py")  # what it has anyway
include("../manifest.py")
module("board.py")

"""make configure: ask what a board needs to know, try it from this PC, write it to device/."""

"""make demo: a virtual board is flashed, its button is pressed, and its alert is received."""

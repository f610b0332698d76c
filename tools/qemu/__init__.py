"""A Cortex-M3 in QEMU whose clock counts instructions: what is measured there is always the same.

firmware.py builds MicroPython for it, board.py switches it on; frozen/ is what that port lacks.
"""

"""A Cortex-M3 in QEMU whose clock counts instructions: each run measures the same.

firmware.py builds MicroPython for it, board.py runs it; frozen/ has modules that the port lacks.
"""

"""The way out of the board: the registers, and questions to the program that keeps it alive."""

import json
import os
from usocket import getaddrinfo, socket

from registers import Registers

# What tools/virtual_board/life.py started it with. No argument: those may not be that long.
settings = json.loads(os.getenv("SETTINGS"))
registers = Registers(settings["registers"])

_address = getaddrinfo("127.0.0.1", settings["port"])[0][-1]


def ask(*words):
    """Say something; return the reply, once it has come."""
    line = socket()  # one a question: what Ctrl-C breaks off leaves nothing behind
    try:
        line.connect(_address)
        line.write(json.dumps(words) + "\n")
        return json.loads(line.readline())
    finally:
        line.close()


def end(*words):
    """Say how this life ends; it does so before there is a reply."""
    ask(*words)

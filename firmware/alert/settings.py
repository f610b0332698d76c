"""Read and check the configuration, config.py; print each problem with its line."""

import os

from .flash import problem
from .output import one_line, print_exception
from .seldom import call

PATH = "config.py"
_ENOENT = 2


def load(wireless: bool):
    """Return config.py as a module that has every setting; print errors and return None.

    wireless: whether it must name a Wi-Fi.
    """
    try:
        os.stat(PATH)
    except OSError as exc:
        if exc.errno == _ENOENT:
            print("there is no %s on the board: `make configure` writes one," % PATH)
            print("`make flash` copies it; or copy config_example.py, with your own values")
        else:
            print(one_line("%s can't be read: %s" % (PATH, problem(exc))))
        return None
    try:
        config = __import__("config")
    except Exception as exc:
        print_exception(exc)  # it names file and line
        return None
    # call() frees the modules of the checks: the application needs their memory.
    problems = call("checks", "problems", config, wireless)
    for words, text in problems:
        print(one_line("%s, line %d: %s" % (PATH, line_of(*words), text)))
    return None if problems else config


def line_of(setting: str = "", *words: str) -> int:
    """Return the number of the line of config.py that sets `setting`.

    With words: the line, from there on, in which the last of them follows the others. 1 if there
    is no such line, or the file can't be read.
    """
    found = 0
    left = list(words)
    try:
        with open(PATH) as file:
            for number, line in enumerate(file, 1):
                line = line.replace("'", '"')
                if not found and line.split("=")[0].strip() == setting:
                    found = number
                while found and left and left[0] in line:
                    found = number
                    word = left.pop(0)
                    line = line[line.find(word) + len(word) :]
    except (OSError, ValueError):  # not UTF-8
        pass
    return found or 1

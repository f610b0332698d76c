"""The configuration: config.py read and checked, each error told with file and line."""

import os
import sys

PATH = "config.py"
_MEND = "nothing was started: mend config.py and copy it to the board again"


def load(wireless: bool):
    """config.py as a module that has every setting; None if it has errors, which are told.

    wireless: whether it has to name a Wi-Fi.
    """
    # Loaded for this alone: run() lets go of them before the application takes its memory.
    from . import checks

    try:
        os.stat(PATH)
    except OSError:
        print("there is no %s on the board: config_example.py shows what it holds" % PATH)
        return None
    try:
        config = __import__("config")
    except Exception as exc:
        sys.print_exception(exc)  # this names file and line
        print(_MEND)
        return None
    errors = list(checks.kinds(config)) or list(checks.values(config, wireless))
    for words, text in errors:
        print("%s, line %d: %s" % (PATH, line_of(*words), text))
    if errors:
        print(_MEND)
        return None
    return config


def line_of(setting: str = "", *words: str) -> int:
    """The line of config.py that sets something or, with words, where these follow it in turn."""
    found = 0
    left = list(words)
    with open(PATH) as file:
        for number, line in enumerate(file, 1):
            line = line.replace("'", '"')
            if not found and line.split("=")[0].strip() == setting:
                found = number
            while found and left and left[0] in line:
                found = number
                word = left.pop(0)
                line = line[line.find(word) + len(word) :]
    return found or 1

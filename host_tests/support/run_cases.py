"""Run on MicroPython: run_cases.py FILE NAME… calls functions of FILE, each in an empty folder.

After each comes a line: CASE, and as JSON its name and the traceback, "" if all was well.
"""

import gc
import io
import json
import os
import sys


def _run(module, name):
    """The traceback of what the function raised, "" if nothing."""
    gc.collect()
    try:
        getattr(module, name)()
    except BaseException as problem:  # SystemExit too: it must not end the cases that follow
        text = io.StringIO()
        sys.print_exception(problem, text)  # pyright: ignore[reportAttributeAccessIssue]
        return text.getvalue()
    return ""


def main(path, *names):
    # Else what is kept lies strewn over the whole heap, and nothing large fits in any more.
    gc.threshold(400000)  # pyright: ignore[reportAttributeAccessIssue]
    folder, name = path.rsplit("/", 1)
    sys.path.insert(0, folder)
    module = __import__(name[: -len(".py")])
    home = os.getcwd()
    for name in names:
        os.mkdir(name)
        os.chdir(name)
        problem = _run(module, name)
        os.chdir(home)
        print("\nCASE", json.dumps([name, problem]))


main(*sys.argv[1:])

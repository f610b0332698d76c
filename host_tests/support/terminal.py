"""A command of the project's that runs until Ctrl-C, as a person has it in a terminal."""

import os
import re
import signal
import subprocess
import sys

from host_tests.support.runtimes import ROOT


class Terminal:
    """Runs `python -m module arguments`; types() writes to it, `with` ends it.

    kills: end it as a crash would. environment: further variables.
    """

    def __init__(self, module, *arguments, kills=False, **environment):
        self.said = ""  # all that was read
        self._kills = kills
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            # As at a terminal, if these tests run in the background too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert self.process.stdin and self.process.stdout
        self._keyboard = self.process.stdin
        self._screen = self.process.stdout

    def reads_until(self, pattern):
        """Read on until what was read since the last time matches; return it."""
        said = ""
        while not re.search(pattern, said):
            line = self._screen.readline()
            assert line, self.said + said
            said += line
        self.said += said
        return said

    def types(self, line):
        """Type a line."""
        self._keyboard.write(line + "\n")
        self._keyboard.flush()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        if self._kills:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.communicate(timeout=60)

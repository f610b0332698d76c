"""Messages about problems with the board's flash; Trouble logs a problem once."""

import os

# By number: not every port's errno has these names.
_WORDS = {
    5: "flash fails (EIO): format it and run `make flash`, or replace the board",
    28: "flash is full: remove files that are not needed (mpremote fs ls, mpremote fs rm)",
    30: "flash is read-only: format it and run `make flash`",
}


def problem(exc: Exception) -> str:
    """Return why an operation on a file failed and, for common errors, what to do."""
    return _WORDS.get(getattr(exc, "errno", 0)) or str(exc) or repr(exc)


def make_folder(path: str) -> "OSError | None":
    """Make a folder; return the OSError if that fails, also EEXIST."""
    try:
        os.mkdir(path)
    except OSError as exc:
        return exc


class Trouble:
    """Logs a failure once, and not again until clear() is called."""

    def __init__(self, say):
        self._say = say
        self._is_told = False

    def tell(self, text: str) -> None:
        """Log a failure, unless it is logged already."""
        if not self._is_told:
            self._is_told = True
            self._say(text)

    def clear(self) -> None:
        """Note that it works again."""
        self._is_told = False

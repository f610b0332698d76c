"""Problems with the board's flash, in words for a person, each said once."""

import os

# Not every port has these in its errno.
_WORDS = {
    5: "flash fails (EIO): format it and run `make flash`, or replace the board",
    28: "flash is full: remove files that are not needed (mpremote fs ls, mpremote fs rm)",
    30: "flash is read-only: format it and run `make flash`",
}


def problem(exc: Exception) -> str:
    """Say why an operation on a file failed and, for the common errors, what to do."""
    return _WORDS.get(getattr(exc, "errno", 0)) or str(exc) or repr(exc)


def make_folder(path: str) -> "OSError | None":
    """Make a folder; return what went wrong. EEXIST is an error like the others."""
    try:
        os.mkdir(path)
    except OSError as exc:
        return exc


class Trouble:
    """Reports that something fails, once until it works again."""

    def __init__(self, say):
        self._say = say
        self._is_told = False

    def tell(self, text: str) -> None:
        """Report a failure, unless it was reported already."""
        if not self._is_told:
            self._is_told = True
            self._say(text)

    def clear(self) -> None:
        """Note that it works again."""
        self._is_told = False

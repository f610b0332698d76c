"""What is shown while a mail is sent: refused recipients, and a progress bar."""

import sys
from typing import Any

from .. import PROGRESS, RECIPIENT_REFUSED, Client
from .messages import complain


class Screen:
    """The command's on_event callback. has_bar: show a progress bar if there is a terminal."""

    def __init__(self, has_bar: bool):
        self._wants_bar = has_bar and sys.stderr.isatty()
        self._bar: Any = None

    def __call__(self, client: Client, event: int) -> None:
        """Show a refused recipient or progress."""
        if event == RECIPIENT_REFUSED:
            self._show_refusal(client)
        elif event == PROGRESS and self._wants_bar:
            self._show_progress(client.bytes_sent, client.bytes_total)
        elif client.result and self._bar:
            self._bar.close()

    def _show_refusal(self, client: Client) -> None:
        if client.reply_code:
            reply = f"{client.reply_code} {client.reply_text}"
            complain(f"{client.recipient} was refused ({reply})")
        else:
            complain(f"{client.recipient} is not an address")

    def _show_progress(self, done: int, total: "int | None") -> None:
        if not self._bar:
            try:
                from tqdm import tqdm
            except ImportError:  # an extra: pip install hssmtp[progress]
                self._wants_bar = False
                return
            self._bar = tqdm(total=total, unit="B", unit_scale=True, leave=False)
        self._bar.update(done - self._bar.n)

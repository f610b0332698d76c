"""make mailbox: a mail server on this PC that shows each mail; for a board without a provider."""

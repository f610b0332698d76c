"""make mailbox: a mail server on this PC that shows each mail, for boards without a provider."""

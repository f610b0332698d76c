"""alert: a device that watches its inputs, and mails when one of them raises an alarm."""

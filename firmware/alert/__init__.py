"""The alert application: watches inputs, and sends a mail when one of them raises an alarm."""

"""What a mail is made of (RFC 5322, 2045): header, text, attachments."""

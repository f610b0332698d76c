"""AUTH (RFC 4954): the SASL mechanisms (RFC 4422), a file each."""

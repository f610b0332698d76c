"""The TLS context, which verifies a certificate against a CA, or against a copy of itself."""
# The contexts of two runtimes, which differ only in their types.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false

try:
    from tls import CERT_NONE, CERT_REQUIRED, PROTOCOL_TLS_CLIENT, SSLContext
except ImportError:
    from ._cpython import CERT_NONE, CERT_REQUIRED, PROTOCOL_TLS_CLIENT, SSLContext

TEMPORARY = True  # freed after the call that needed it


def _pieces(ca):
    """Yield the certificates of `ca` as DER. ca: a path or bytes; PEM or DER; one or several.

    mbedTLS on some ports reads only DER, and only the first of several certificates.
    """
    if isinstance(ca, str):
        with open(ca, "rb") as file:
            ca = file.read()
    elif not isinstance(ca, (bytes, bytearray, memoryview)):
        raise TypeError("ca: neither a path nor bytes")
    ca = bytes(ca)
    start = ca.find(b"-----BEGIN CERTIFICATE-----")
    if start >= 0:
        from binascii import a2b_base64

        while start >= 0:
            end = ca.find(b"-----END", start)
            if end < 0:
                raise ValueError("ca: a PEM certificate without its END line")
            try:
                piece = a2b_base64(ca[start + 27 : end])
            except ValueError as exc:
                raise ValueError("ca: not a certificate: " + str(exc))
            yield piece
            start = ca.find(b"-----BEGIN CERTIFICATE-----", end)
        return
    start = 0
    # DER: a SEQUENCE (0x30) with a length of two bytes (0x82). No certificate is shorter.
    while ca[start : start + 2] == b"\x30\x82" and len(ca) > start + 4:
        end = start + 4 + (ca[start + 2] << 8 | ca[start + 3])
        yield ca[start:end]
        start = end
    if start == 0 or start != len(ca):
        raise ValueError("ca: neither a PEM nor a DER certificate")


def make_context(ca: "str | bytes | None", insecure: bool) -> SSLContext:
    """Return a TLS context that trusts only `ca`; None: CPython's system store.

    Raises ValueError if there is nothing to verify a certificate with, or `ca` is not a
    certificate; OSError if the file is missing.
    """
    made = SSLContext(PROTOCOL_TLS_CLIENT)
    if insecure:
        if hasattr(made, "check_hostname"):
            made.check_hostname = False
        made.verify_mode = CERT_NONE
        return made
    made.verify_mode = CERT_REQUIRED
    if ca is None:
        if hasattr(made, "load_default_certs"):
            made.load_default_certs()
            return made
        raise ValueError(
            "ca: pass the CA's certificate (a PEM or DER file, or its octets) to check the"
            " server's against; or, on a bench, insecure=True"
        )
    for piece in _pieces(ca):
        try:
            made.load_verify_locations(piece)
        except (OSError, ValueError) as exc:  # MicroPython's is a ValueError
            raise ValueError("ca: not a certificate: " + str(exc))
    return made

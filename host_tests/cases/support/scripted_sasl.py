"""The server's side of AUTH, and of each SASL mechanism.

A mechanism is a generator: it yields challenges, is sent responses, and returns whether the login
succeeds. It raises ValueError for responses that no client may send.
"""

import hashlib
from binascii import a2b_base64, b2a_base64, hexlify

# The error challenge of the bearer mechanisms: RFC 7628 3.2.2.
ERROR = b'{"status":"invalid_token","schemes":"bearer","scope":"https://mail.example.com/"}'

# The messages of SCRAM, unless `scram` of the Server replaces them: the example of RFC 7677 3.
# With `final` None the server sends no final message.
SCRAM = {
    "iterations": 4096,
    "salt": "W22ZaJ0SNY7soEsUEjb6gQ==",
    "nonce": "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    "first": "r={client}{nonce},s={salt},i={iterations}",
    "final": "v={signature}",
}


class Exchange:
    """One AUTH command and its exchange, up to the final reply (RFC 4954 4)."""

    def __init__(self, mechanism, server):
        self._mechanism = mechanism
        self._steps = _MECHANISMS[mechanism](server) if mechanism in _MECHANISMS else None
        self._asked = next(self._steps) if self._steps else b""

    def begin(self):
        """Return the reply to AUTH without an initial response."""
        if not self._steps:
            return "504 5.5.4 not known here"
        return "334 " + to_base64(self._asked)

    def answer(self, line, initial):
        """Return the reply to a response."""
        if not self._steps:
            return self.begin()
        if line == b"*":
            return "501 5.7.0 as you like"
        if initial:
            _must(self._mechanism != "CRAM-MD5", "a response before the server's challenge")
            line = b"" if line == b"=" else line
        try:
            return "334 " + to_base64(self._steps.send(from_base64(line)))
        except StopIteration as done:
            return "235 2.7.0 welcome" if done.value else "535 5.7.8 authentication failed"


def _plain(server):
    """RFC 4616."""
    words = (yield b"").split(b"\0")
    _must(len(words) == 3 and not words[0], "PLAIN of %d words" % len(words))
    return server.log_in("PLAIN", words[1].decode(), words[2].decode())


def _login(server):
    name = yield b"Username:"
    password = yield b"Password:"
    return server.log_in("LOGIN", name.decode(), password.decode())


def _cram_md5(server):
    """RFC 2195."""
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    name, digest = (yield challenge).rsplit(b" ", 1)
    name = name.decode()
    password = (server.users or {}).get(name)
    right = password and hexlify(hmac(hashlib.md5, password.encode(), challenge)) == digest
    return server.log_in("CRAM-MD5", name, password if right else None)


def _scram_sha_256(server):
    """RFC 5802 and 7677, without channel binding."""
    told = dict(SCRAM)
    told.update(server.scram)
    first = (yield b"").decode()
    fields = first.split(",")
    _must(fields[:2] == ["n", ""] and len(fields) == 4, "SCRAM: " + first)
    _must(fields[2][:2] == "n=" and fields[3][:2] == "r=", "SCRAM: " + first)
    name = _from_saslname(fields[2][2:])
    told["client"] = fields[3][2:]
    _must(len(told["client"]) >= 16, "SCRAM: a nonce of %d octets" % len(told["client"]))

    challenge = told["first"].format(**told)
    final, _, proof = (yield challenge.encode()).decode().rpartition(",p=")
    _must(final == "c=biws,r=" + told["client"] + told["nonce"], "SCRAM: " + final)
    password = (server.users or {}).get(name)
    if password is None:
        return server.log_in("SCRAM-SHA-256", name, None)
    salted = _salted(password.encode(), from_base64(told["salt"]), told["iterations"])
    signed = (first[3:] + "," + challenge + "," + final).encode()
    key = _hmac(salted, b"Client Key")
    signature = _hmac(hashlib.sha256(key).digest(), signed)
    right = from_base64(proof) == bytes([a ^ b for a, b in zip(key, signature)])
    if not server.log_in("SCRAM-SHA-256", name, password if right else None):
        return False
    if told["final"] is not None:
        signature = _hmac(_hmac(salted, b"Server Key"), signed)
        told["signature"] = to_base64(signature)
        answer = yield told["final"].format(**told).encode()
        _must(answer == b"", "SCRAM: an answer to the signature")
    return True


def _xoauth2(server):
    """XOAUTH2, as Google documents it."""
    user, bearer, *end = (yield b"").split(b"\1")
    _must(user[:5] == b"user=" and bearer[:12] == b"auth=Bearer ", "XOAUTH2: no user, no token")
    _must(end == [b"", b""], "XOAUTH2: wrong end")
    if server.log_in("XOAUTH2", user[5:].decode(), bearer[12:].decode()):
        return True
    _must((yield ERROR) == b"", "XOAUTH2: the error is answered by an empty response")
    return False


def _oauthbearer(server):
    """RFC 7628 3."""
    header, *pairs = (yield b"").decode().split("\1")
    fields = header.split(",")
    _must(len(fields) == 3 and fields[0] == "n" and not fields[2], "OAUTHBEARER: " + header)
    _must(not fields[1] or fields[1][:2] == "a=", "OAUTHBEARER: " + header)
    _must(len(pairs) > 2 and pairs[-2:] == ["", ""], "OAUTHBEARER: wrong end")
    found = {}
    for pair in pairs[:-2]:
        key, _, value = pair.partition("=")
        _must(key in ("host", "port", "auth") and key not in found, "OAUTHBEARER: " + key)
        found[key] = value
    _must(found.get("host", "mail.example.com") == "mail.example.com", "OAUTHBEARER: host")
    _must(found.get("port", "0").isdigit(), "OAUTHBEARER: port")
    _must(found.get("auth", "")[:7] == "Bearer ", "OAUTHBEARER: no token")
    name = _from_saslname(fields[1][2:]) if fields[1] else ""
    if server.log_in("OAUTHBEARER", name, found["auth"][7:]):
        return True
    _must((yield ERROR) == b"\1", "OAUTHBEARER: the error is answered by \\x01")
    return False


_MECHANISMS = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
    "SCRAM-SHA-256": _scram_sha_256,
    "XOAUTH2": _xoauth2,
    "OAUTHBEARER": _oauthbearer,
}


def _must(good, problem):
    if not good:
        raise ValueError(problem)


def from_base64(text):
    """The bytes; ValueError for anything but base64 as RFC 4648 4 has it."""
    text = text if isinstance(text, bytes) else text.encode()
    octets = a2b_base64(text)
    _must(to_base64(octets).encode() == text, "invalid base64: %r" % text)
    return octets


def to_base64(octets):
    return b2a_base64(octets)[:-1].decode()


def _from_saslname(text):
    """Decode a saslname of RFC 5802 5.1: =2C is a comma, =3D an equals sign."""
    bare = text.replace("=2C", "").replace("=3D", "")
    _must(bare.find("=") < 0 and text, "invalid saslname: " + text)
    return text.replace("=2C", ",").replace("=3D", "=")


def _pads(algorithm, key):
    """Return the inner and the outer pad of a key (RFC 2104)."""
    key = algorithm(key).digest() if len(key) > 64 else key
    key += bytes(64 - len(key))
    return bytes([octet ^ 0x36 for octet in key]), bytes([octet ^ 0x5C for octet in key])


def hmac(algorithm, key, octets):
    """RFC 2104."""
    inner, outer = _pads(algorithm, key)
    return algorithm(outer + algorithm(inner + octets).digest()).digest()


def _hmac(key, octets):
    return hmac(hashlib.sha256, key, octets)


_all_salted = {}  # a cache, because the rounds are slow on MicroPython


def _salted(password, salt, iterations):
    """Hi() of RFC 5802 2.2."""
    if hasattr(hashlib, "pbkdf2_hmac"):
        return hashlib.pbkdf2_hmac("sha256", password, salt, iterations)
    known = (password, salt, iterations)
    if known not in _all_salted:
        inner, outer = _pads(hashlib.sha256, password)
        sha256 = hashlib.sha256
        octets = salt + b"\0\0\0\1"
        found = 0
        for _ in range(iterations):
            octets = sha256(outer + sha256(inner + octets).digest()).digest()
            found ^= int.from_bytes(octets, "big")
        _all_salted[known] = found.to_bytes(32, "big")
    return _all_salted[known]

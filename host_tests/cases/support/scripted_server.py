"""A scripted SMTP server that follows the RFCs and checks that its client does."""

from scripted_rules import (
    check_text,
    envelope,
    is_ascii,
    offers,
    recipient_limit,
    size_limit,
)
from scripted_sasl import Exchange

_COMMANDS = (
    "EHLO",
    "HELO",
    "STARTTLS",
    "AUTH",
    "MAIL",
    "RCPT",
    "DATA",
    "BDAT",
    "RSET",
    "NOOP",
    "QUIT",
)
_LONGEST_COMMAND = 510  # bytes without the line's end, RFC 5321 4.5.3.1.4
_LONGEST_RESPONSE = 12286  # RFC 4954 4

# RFC 2920 3.1 and RFC 3030 2: where PIPELINING is offered, more may follow without a wait.
_MAY_BE_FOLLOWED = ("MAIL", "RCPT", "TEXT", "BDAT", "RSET")


class Server:
    """An SMTP server that follows the RFCs except where its arguments say otherwise.

    keywords, tls_keywords: what EHLO offers, before TLS and behind it (None: the same, less
        STARTTLS).
    replies: what is said instead, by step: GREETING EHLO HELO STARTTLS AUTH RESPONSE MAIL RCPT
        "RCPT address" DATA BDAT TEXT RSET NOOP QUIT. TEXT is said to a text's end, a last BDAT
        too. A str is a reply without its last line end ("" hangs up), bytes are sent as they are,
        None is silence. Of a list each is said once.
    users: who may log in, {name: password or token}; None: who doesn't log in may send too.
    strict: AssertionError for a client that doesn't wait for a reply where it has to, or sends
        what no client may.
    most_recipients: of a transaction; those behind are told 452 4.5.3. 0: there is no limit.
    scram: what SCRAM says otherwise than scripted_sasl.SCRAM. exchange: the class for an AUTH.

    commands: what came, "<open>" and "<TLS>" in between; "<response>" for one of AUTH, "<text>"
    for a text. mails: what was taken, as (sender, [recipients], text); parameters: of each of
    those, as (of MAIL, [of each RCPT]), dicts. chunks: the bytes of each BDAT. logins: as
    (mechanism, name, password), the password None if it was not proved.
    """

    def __init__(
        self,
        keywords=(),
        tls_keywords=None,
        replies=None,
        users=None,
        strict=True,
        most_recipients=0,
        scram=None,
        exchange=Exchange,
    ):
        if tls_keywords is None:
            tls_keywords = [word for word in keywords if word != "STARTTLS"]
        self.keywords = keywords
        self.tls_keywords = tls_keywords
        self.replies = {}
        for step, said in (replies or {}).items():
            self.replies[step] = list(said) if isinstance(said, list) else said
        self.users = users
        self.strict = strict
        self.most_recipients = most_recipients
        self.scram = scram or {}
        self.exchange = exchange
        self.commands = []
        self.mails = []
        self.parameters = []
        self.texts = []  # every complete text, accepted or not
        self.chunks = []
        self.logins = []
        self.out = bytearray()  # bytes to read, and how many were read
        self._read = 0
        self.gone = True

    # For the link

    def connect(self):
        self.commands.append("<open>")
        self.gone = False
        self.secured = False
        self.out = bytearray()
        self._read = 0
        self._begin()
        self._say("GREETING", "220 mail.example.com ESMTP")

    def secure(self):
        if self.commands[-1] != "<open>":
            self._check(self._wants_tls and not self.out, "TLS that was not agreed on")
            self._begin()
        self.commands.append("<TLS>")
        self.secured = True

    def receive(self, octets):
        while octets and not self.gone:
            end = octets.find(b"\n") + 1
            piece = octets[: self._chunk or end or len(octets)]
            octets = octets[len(piece) :]
            # RFC 2920 3.1: what has to be the last of a group, and all without PIPELINING.
            self._check(not (self._last and (self.out or self._owes)), "didn't wait for a reply")
            self._check(not self._wants_tls, "in the clear behind STARTTLS")
            self._last = False
            if self._chunk:
                self._take_chunk(piece)
                continue
            self._line += piece
            if end:
                line = self._line
                self._line = b""
                self._check(line[-2:] == b"\r\n" and b"\r" not in line[:-2], "a bare CR or LF")
                self._take(line[:-2])

    def unread(self):
        """Return the number of unread bytes."""
        return len(self.out) - self._read

    def take_out(self, n):
        """Return up to n unread bytes."""
        said = bytes(self.out[self._read : self._read + n])
        self._read += len(said)
        if self._read == len(self.out):
            self.out = bytearray()
            self._read = 0
        return said

    def log_in(self, mechanism, name, password):
        """Record a login; return whether it is valid."""
        self.logins.append((mechanism, name, password))
        if self.users is None:
            return True
        return password is not None and self.users.get(name) == password

    # Parsing

    def _begin(self):
        """Begin a session, and forget the previous one."""
        self._greeted = False
        self._offers = {}
        self._logged_in = False
        self._exchange = None  # of AUTH
        self._wants_tls = False
        self._last = True  # nothing may arrive before all replies are read
        self._owes = False  # no reply
        self._line = b""
        self._reset()

    def _reset(self):
        """End the transaction."""
        self._sender = None
        self._of_mail = {}
        self._tried = 0  # recipients, accepted or not
        self._recipients = []
        self._of_rcpt = []
        self._text = None
        self._chunk = 0  # missing bytes of a chunk
        self._chunked = False
        self._spoiled = 0  # a BDAT was refused, and so are the following
        self._last_chunk = False

    def _check(self, good, problem):
        if self.strict and not good:
            raise AssertionError("the client: " + problem)

    def _say(self, step, good, key=None):
        """Reply; return the code."""
        said = self.replies.get(key or step, self.replies.get(step, good))
        if isinstance(said, list):
            said = said.pop(0) if said else good
        if isinstance(said, str):
            self.gone = said == ""
            said = said.encode() + b"\r\n" if said else b""
        self._last = "PIPELINING" not in self._offers or step not in _MAY_BE_FOLLOWED
        self._owes = said is None
        said = said or b""
        self.said = said
        self.out += said
        self.gone = self.gone or said[:3] == b"421" or step == "QUIT" and not self._owes
        return int(said[:3]) if said[:3].isdigit() else 0

    def _take(self, line):
        if self._text is not None and not self._chunked:
            return self._take_line(line)
        if self._exchange:
            self.commands.append("<cancel>" if line == b"*" else "<response>")
            return self._take_response(line, "RESPONSE")
        try:
            line = line.decode()
        except ValueError:
            self._check(False, "no UTF-8: %r" % line)
            line = "?"
        self.commands.append(line)
        words = line.split(" ")
        self._check(words[0] in _COMMANDS, "no command: " + line)
        if words[0] not in ("MAIL", "RCPT"):  # depends on the offers
            self._check(len(line) <= _LONGEST_COMMAND and is_ascii(line), "command " + line)
        if words[0] in _COMMANDS:
            getattr(self, "_" + words[0].lower())(words)

    # The session

    def _ehlo(self, words):
        keywords = self.tls_keywords if self.secured else self.keywords
        self._hail(words, ["mail.example.com"] + list(keywords))

    def _helo(self, words):
        self._hail(words, ["mail.example.com"])

    def _hail(self, words, lines):
        self._check(len(words) == 2 and words[1], "whose name?")
        good = ""
        for line in lines[:-1]:
            good += "250-" + line + "\r\n"
        self._reset()  # RFC 5321 4.1.4
        self._offers = {}
        if self._say(words[0], good + "250 " + lines[-1]) // 100 == 2:
            self._greeted = True
            self._offers = offers(self.said) if words[0] == "EHLO" else {}

    def _starttls(self, words):
        self._check(len(words) == 1, "an argument to STARTTLS")
        offered = "STARTTLS" in self._offers and not self.secured
        code = self._say("STARTTLS", "220 2.0.0 go ahead" if offered else "502 5.5.1 no TLS here")
        self._wants_tls = code == 220

    def _auth(self, words):
        mechanism = words[1] if len(words) > 1 else ""
        self._check(len(words) in (2, 3), "an AUTH of %d words" % len(words))
        offered = self._offers.get("AUTH", "").split(" ")
        self._check(mechanism in offered, "AUTH " + mechanism + ", which is not offered")
        self._check(self._sender is None and not self._logged_in, "AUTH out of turn")
        self._exchange = self.exchange(mechanism, self)
        if len(words) == 3:
            self._take_response(words[2].encode(), "AUTH")
        else:
            self._go_on(self._exchange.begin(), "AUTH")

    def _take_response(self, line, step):
        self._check(len(line) <= _LONGEST_RESPONSE, "a response of %d octets" % len(line))
        try:
            good = self._exchange.answer(line, step == "AUTH")
        except ValueError as problem:
            self._check(False, str(problem))
            good = "501 5.5.2 " + str(problem)
        self._go_on(good, step)

    def _go_on(self, good, step):
        code = self._say(step, good)
        self._logged_in = code == 235
        if code != 334:
            self._exchange = None

    def _noop(self, words):
        self._say("NOOP", "250 2.0.0 ok")

    def _rset(self, words):
        self._check(len(words) == 1, "an argument to RSET")
        if self._say("RSET", "250 2.0.0 ok") // 100 == 2:
            self._reset()

    def _quit(self, words):
        self._check(len(words) == 1, "an argument to QUIT")
        self._say("QUIT", "221 2.0.0 bye")

    # The envelope

    def _mail(self, words):
        sender, parameters, good = self._envelope(words, "250 2.1.0 ok")
        self._check("SMTPUTF8" in parameters or is_ascii(sender), "MAIL beyond ASCII")
        self._check(not self._spoiled, "no RSET behind a BDAT that was refused")
        limit = size_limit(self._offers)
        if not self._greeted:
            good = "503 5.5.1 EHLO first"
        elif self.users is not None and not self._logged_in:
            good = "530 5.7.0 log in first"
        elif self._sender is not None:
            good = "503 5.5.1 nested MAIL"
        elif limit and int(parameters.get("SIZE", "0")) > limit:
            good = "552 5.3.4 above %d octets" % limit
        if self._say("MAIL", good) // 100 == 2:
            self._sender = sender
            self._of_mail = parameters

    def _rcpt(self, words):
        address, parameters, good = self._envelope(words, "250 2.1.5 ok")
        self._tried += 1
        limit = recipient_limit(self._offers)
        asked = self._sender is not None
        if asked:
            self._check("SMTPUTF8" in self._of_mail or is_ascii(address), "RCPT beyond ASCII")
            self._check(not limit or self._tried <= limit, "more than RCPTMAX=%d" % limit)
        else:
            good = "503 5.5.1 MAIL first"
        if self.most_recipients and len(self._recipients) >= self.most_recipients:
            good = "452 4.5.3 too many recipients"
        if self._say("RCPT", good, "RCPT " + address) // 100 == 2 and asked:
            self._recipients.append(address)
            self._of_rcpt.append(parameters)

    def _envelope(self, words, good):
        """Return the address, the parameters and the reply to them."""
        try:
            return envelope(" ".join(words), self._offers) + (good,)
        except ValueError as problem:
            self._check(False, words[0] + ": " + str(problem))
            return "", {}, "555 5.5.4 " + str(problem)

    # The text

    def _data(self, words):
        self._check(len(words) == 1, "an argument to DATA")
        self._check(not self._chunked, "DATA behind BDAT")
        self._check(not self._is_body("BINARYMIME"), "DATA for BINARYMIME")
        good = "354 go ahead" if self._recipients else "554 5.5.1 no valid recipients"
        if self._say("DATA", good) == 354:
            self._text = b""

    def _take_line(self, line):
        if line == b".":
            return self._end_text()
        self._text += (line[1:] if line[:1] == b"." else line) + b"\r\n"  # RFC 5321 4.5.2

    def _bdat(self, words):
        self._check("CHUNKING" in self._offers, "BDAT without CHUNKING")
        last = words[2:] == ["LAST"]
        if len(words) < 2 or words[2:] and not last or not words[1].isdigit():
            self._check(False, "no chunk: " + " ".join(words))
            self._say("BDAT", "501 5.5.4 no chunk")
            return
        # RFC 3030 2: bytes sent before the refusal may still arrive, no others.
        self._check(not (self._spoiled > 1 and not self.out), "BDAT behind one that was refused")
        self._spoiled += self._spoiled > 0 and not self.out
        self._chunk = int(words[1])
        self.chunks.append(self._chunk)
        self._last_chunk = last
        if not self._chunked:
            self._chunked = True
            self._text = b""
        if not self._chunk:
            self._end_chunk()

    def _take_chunk(self, octets):
        self._chunk -= len(octets)
        self._text += octets
        if not self._chunk:
            self._end_chunk()

    def _end_chunk(self):
        if self._last_chunk and not self._spoiled:
            return self._end_text()
        good = "250 2.0.0 %d octets" % self.chunks[-1]
        if not self._recipients or self._spoiled:
            good = "503 5.5.1 no valid recipients"
        if self._say("BDAT", good) // 100 != 2:
            self._spoiled = self._spoiled or 1

    def _end_text(self):
        self.commands.append("<text>")
        self.texts.append(self._text)
        good = "250 2.0.0 queued"
        limit = size_limit(self._offers)
        if limit and len(self._text) > limit:
            good = "552 5.3.4 above %d octets" % limit
        if self._recipients:
            try:
                check_text(self._text, self._of_mail)
            except ValueError as problem:
                self._check(False, str(problem))
        else:
            good = "554 5.5.1 no valid recipients"
        if self._say("TEXT", good) // 100 == 2:
            self.mails.append((self._sender, self._recipients, self._text))
            self.parameters.append((self._of_mail, self._of_rcpt))
        self._reset()

    def _is_body(self, kind):
        return self._of_mail.get("BODY", "").upper() == kind

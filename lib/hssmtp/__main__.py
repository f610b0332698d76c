"""The command hssmtp, or python -m hssmtp: send a mail from a PC, with the code for devices."""

import argparse
import sys
import time
from collections.abc import Sequence

from . import ABORTED, SENT, Client
from .command_line import inputs
from .command_line.arguments import FAILED, parse
from .command_line.messages import complain, explained, in_options, shown
from .command_line.screen import Screen
from .command_line.trace import Trace

_DONE = 0
_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
_INTERRUPTED = 130  # as shells report Ctrl-C

_BUFFER = 4096  # bytes: on a PC a tick costs more than the memory
_PHASES = ("resolve", "connect", "secure", "greeting", "command", "data", "block", "text")


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Send a mail as the arguments describe; return the exit status."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    names = inputs.names_of_options(options)
    try:
        mail = inputs.message(options)
        client = _client(options)
        client.send_mail(mail)
    except (OSError, ValueError) as exc:
        complain(in_options(str(exc), names))
        return FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    _finish(client)
    status = _status(client)
    if status or client.refused:
        complain(explained(client, names))
    elif not options.quiet:
        print(shown(explained(client, names)))
    return status


def _client(options: argparse.Namespace) -> Client:
    """Return the client that the options describe. Raises ValueError."""
    host, port = options.server
    trace = Trace() if options.trace else None
    client = Client(
        host,
        port,
        security=options.security,
        username=options.user,
        password=inputs.password(options),
        token=inputs.token(options),
        auth=options.auth,
        ca=inputs.ca_file(options),
        insecure=options.insecure,
        allow_plaintext_auth=options.allow_plaintext_auth,
        on_event=Screen(not (options.quiet or options.trace)),
        hostname=options.hostname,
        buffer_size=_BUFFER,
        timeouts=dict.fromkeys(_PHASES, options.timeout) if options.timeout else None,
        link=trace,
    )
    if trace:
        trace.client = client
    return client


def _finish(client: Client) -> None:
    try:
        while client.tick():
            time.sleep(client.idle_ms() / 1000)
    except KeyboardInterrupt:
        client.deinit()


def _status(client: Client) -> int:
    if client.result == SENT:
        return _DONE
    if client.result == ABORTED:
        return _INTERRUPTED
    return _TRY_AGAIN if client.transient else FAILED


if __name__ == "__main__":
    sys.exit(main())

# The public names, for type checkers. Devices do not get this file.

from collections.abc import Callable
from typing import Any

from .client import Client as Client
from .mime import Message as Message
from .mime.attachment import Attachment as Attachment
from .names import error_name as error_name
from .names import event_name as event_name
from .names import state_name as state_name
from .net import Link as Link
from .recipients.addresslist import AddressList as AddressList

__version__: str

const: Callable[[int], int]

def sleep_ms(ms: int) -> None: ...
def ticks_ms() -> int: ...
def ticks_diff(later: int, earlier: int) -> int: ...

class SourceError(Exception): ...

def load(name: str) -> Any: ...
def call(module: str, function: str, *args: object) -> Any: ...
def explain(client: Client) -> str: ...

RESOLVED: int
CONNECTED: int
SECURED: int
READY: int
RECIPIENT_REFUSED: int
PROGRESS: int
PAUSED: int
SENT: int
FAILED: int
ABORTED: int
PAUSE: int

ERROR_DNS: int
ERROR_CONNECT: int
ERROR_TLS: int
ERROR_CERTIFICATE: int
ERROR_TIMEOUT: int
ERROR_CLOSED: int
ERROR_PROTOCOL: int
ERROR_AUTH: int
ERROR_SENDER: int
ERROR_RECIPIENTS: int
ERROR_REJECTED: int
ERROR_TOO_LARGE: int
ERROR_SOURCE: int
ERROR_UNSUPPORTED: int

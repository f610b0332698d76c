"""The configuration of the alert application: `make configure` writes one, or copy this one.

On the board it is /config.py. Omitted settings use the commented-out default.
"""

import board  # its pins: board.DIGITAL for a contact, board.ANALOGUE for a voltage

DEVICE = "boiler room"  # what the mails call it

# The network. A board with Ethernet needs neither.
WIFI_NAME = "workshop"
WIFI_PASSWORD = "the Wi-Fi's password"

# The mail server, and the certificate that its own is checked against: a file on the board.
SERVER = "smtp.example.com"
PORT = None  # 587 for "starttls", 465 for "tls", 25 for "none"
SECURITY = "starttls"
USER = "boiler@example.com"  # None, and no PASSWORD: no login
PASSWORD = "an app password"
CA = "ca.der"

SENDER = "Boiler room <boiler@example.com>"
RECIPIENTS = ["ops@example.com"]

# What is watched. Each input has a name of its own, and a text for the mail if the name isn't
# enough. A pin is written as MicroPython takes it: a number, or a name in quotes.
INPUTS = [
    # A button or another contact between a pin and ground. Pressed, the pin is at level 0: that is
    # the alarm, after 50 ms.
    {
        "name": "Button",
        "digital": board.DIGITAL,
        "pull": "up",
        "alarm": 0,
        "settle_ms": 50,
        "words": ("released", "pressed"),
        "text": "The button was pressed",
    },
    # A voltage. scale: what 0 V and the converter's full scale stand for. The alarm ends when the
    # value has come back by the hysteresis. Instead of "above" there is "below".
    {
        "name": "Boiler",
        "analogue": board.ANALOGUE,
        "scale": (0, 330),
        "unit": "°C",
        "above": 90,
        "hysteresis": 5,
        "settle_ms": 500,
        "quiet_minutes": 60,
    },
    # A report every twelve hours, whatever the others do.
    {"name": "Report", "every_minutes": 720},
]

# QUIET_MINUTES = 15  # after an alarm, further ones of that input are only counted
# HEARTBEAT_HOURS = 24  # a sign of life; 0: none

# What a test setup, or an unusual network, may need.
# HOSTNAME = None  # what this device calls itself to the server, if that wants a full name
# INSECURE = False  # True: the server's certificate is not checked
# ALLOW_PLAINTEXT_AUTH = False  # True: the password may go over a connection without TLS
# RETRY_SECONDS = 60  # until a mail that failed is tried again; then 120, and so on up to
# RETRY_MOST_SECONDS = 1800
# REFUSED_SECONDS = 3600  # the same after a permanent refusal: login, recipients
# NETWORK_SECONDS = 20  # how long the network may take to come up; then it is tried again after
# NETWORK_RETRY_SECONDS = 5
# NETWORK_RETRY_MOST_SECONDS = 300
# NTP_SERVER = "pool.ntp.org"  # None: something else sets the clock
# NTP_PORT = 123
# LOG_OCTETS = 8192  # bytes of each of the two files in /log
# LOG_SECONDS = 60  # flash is written no more often
# WATCHDOG_SECONDS = 8  # 0: no watchdog
# GRACE_SECONDS = 2  # between a reset and the start, for Ctrl-C
# RESTART_SECONDS = 60  # between a breakdown and the reset that follows

"""The configuration of the alert application: /config.py on the board.

`make configure` writes it; or copy this file. Omitted settings use the commented-out default.
"""

import board  # its pins board.DIGITAL, for a contact, and board.ANALOGUE, for a voltage

DEVICE = "boiler room"  # the name of this device in mails

# The Wi-Fi. A board with Ethernet does not need these two lines.
WIFI_NAME = "workshop"
WIFI_PASSWORD = "the Wi-Fi's password"

# The mail server. CA: a file on the board, the certificate of the CA that signed the server's.
SERVER = "smtp.example.com"
PORT = None  # 587 for "starttls", 465 for "tls", 25 for "none"
SECURITY = "starttls"
USER = "boiler@example.com"  # without a login: None, and PASSWORD = None
PASSWORD = "an app password"
CA = "ca.der"

SENDER = "Boiler room <boiler@example.com>"
RECIPIENTS = ["ops@example.com"]

# What is watched. Each input has a different name. "text" is the subject of its mails and can be
# omitted. A pin is a number, or a name in quotes, as machine.Pin takes it.
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
    # A voltage. "scale": the values at 0 V and at the converter's full scale. The alarm ends when
    # the value is back by "hysteresis". "below" instead of "above" is a lower limit.
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
    # A report every twelve hours.
    {"name": "Report", "every_minutes": 720},
]

# QUIET_MINUTES = 15  # after an alarm, further alarms of that input are only counted
# HEARTBEAT_HOURS = 24  # a mail at this interval shows that the device works; 0: no such mail

# For tests and unusual networks.
# HOSTNAME = None  # the name of this device in EHLO, if the server requires a full one
# INSECURE = False  # True: don't check the server's certificate
# ALLOW_PLAINTEXT_AUTH = False  # True: send the password also without TLS
# RETRY_SECONDS = 60  # between a failure and the first retry; then twice as long, up to
# RETRY_MOST_SECONDS = 1800
# REFUSED_SECONDS = 3600  # until the retry after a permanent refusal: login, recipients
# NETWORK_SECONDS = 20  # the network may take this long to connect; then a retry follows after
# NETWORK_RETRY_SECONDS = 5
# NETWORK_RETRY_MOST_SECONDS = 300
# NTP_SERVER = "pool.ntp.org"  # None: other code sets the clock
# NTP_PORT = 123
# LOG_BYTES = 8192  # bytes of each of the two files in /log
# LOG_SECONDS = 60  # the log is written to flash at most once in this time
# WATCHDOG_SECONDS = 8  # a main loop that hangs for longer resets the board; 0: no watchdog
# GRACE_SECONDS = 2  # between a reset and the start, for Ctrl-C
# RESTART_SECONDS = 60  # between an error of the application and the reset

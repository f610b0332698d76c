"""The alert application's configuration: errors are reported with file and line."""

import sys

from fake_board import same

from alert import checks, settings

GOOD = """\
DEVICE = "boiler room"
WIFI_NAME = "workshop"
WIFI_PASSWORD = "the way in"
SERVER = "smtp.example.com"
USER = "boiler@example.com"
PASSWORD = "rust never sleeps"
INSECURE = True
SENDER = "Boiler <boiler@example.com>"
RECIPIENTS = ["ops@example.com", 'boss@example.com']
INPUTS = [
    {"name": "Door", "digital": 15},
    {
        'name': 'Boiler',
        "analogue": 26,
        "above": 90,
    },
]
"""


def load(text, wireless=True):
    """Return the result of load() for a config.py with this text, and the printed lines."""
    told = []
    with open("config.py", "w") as file:
        file.write(text)
    sys.modules.pop("config", None)
    if hasattr(sys, "dont_write_bytecode"):  # CPython's cache would outlive the next config.py
        sys.dont_write_bytecode = True
    sys.path.insert(0, "")
    settings.print = lambda *words: told.append(" ".join(words))
    try:
        return settings.load(wireless), told
    finally:
        del settings.print
        sys.path.pop(0)


def changed(old, new):
    if old not in GOOD:
        raise AssertionError(old)
    return GOOD.replace(old, new)


def refused(text, line, words, wireless=True):
    config, told = load(text, wireless)
    same("config", config, None)
    same("lines told, with %r" % told, len(told), 1)
    same("place", told[0][: len(line)], line)
    if words not in told[0]:
        raise AssertionError(told)
    if "rust" in told[0] or "the way in" in told[0]:
        raise AssertionError("a secret is told")


def test_valid_configuration_gets_the_defaults():
    config, told = load(GOOD)
    same("told", told, [])
    same("given", config.DEVICE, "boiler room")
    same("default", (config.PORT, config.SECURITY, config.QUIET_MINUTES), (None, "starttls", 15))


def test_other_valid_configurations():
    for old, new in (
        ("\nSERVER", "\nPORT = 2525\nSERVER"),
        ("\nSERVER", "\nQUIET_MINUTES = 0.5\nSERVER"),
        ("\nSERVER", "\nNTP_SERVER = None\nSERVER"),
    ):
        same("told", load(changed(old, new))[1], [])
    text = changed('WIFI_NAME = "workshop"\n', "").replace('WIFI_PASSWORD = "the way in"\n', "")
    same("Ethernet", load(text, wireless=False)[1], [])


def test_invalid_settings_are_named():
    for old, new, place, words in (
        ('"boiler room"', '"boiler\\nroom"', "config.py, line 1:", "DEVICE"),
        ('"smtp.example.com"', "25", "config.py, line 4:", "SERVER has to be a text"),
        ('"smtp.example.com"', '"smtp example"', "config.py, line 4:", "SERVER: a space"),
        ("INSECURE = True", "INSECURE = 1", "config.py, line 7:", "True or False"),
        ("INSECURE = True", 'CA = "no.der"', "config.py, line 7:", "no file no.der"),
        ("\nSERVER", "\nSECURITY = 'ssl'\nSERVER", "config.py, line 4:", "starttls"),
        ("\nSERVER", "\nPORT = 99999\nSERVER", "config.py, line 4:", "PORT has to be"),
        ("\nSERVER", "\nPORT = True\nSERVER", "config.py, line 4:", "PORT has to be"),
        ("\nSERVER", "\nQUIET_MINUTES = -1\nSERVER", "config.py, line 4:", "0 or above"),
        ("\nSERVER", "\nQUIET_MINUTES = 0\nSERVER", "config.py, line 4:", "0.1 or above"),
        ("\nSERVER", "\nQUIET_MINUTE = 5\nSERVER", "config.py, line 4:", 'mean "QUIET_MINUTES"?'),
        ("\nSERVER", "\nNTP_SERVER = 'a..b'\nSERVER", "config.py, line 4:", "NTP_SERVER"),
        ('PASSWORD = "rust never sleeps"\n', "", "config.py, line 5:", "go together"),
        ("Boiler <boiler@example.com>", "boiler", "config.py, line 8:", "SENDER: address"),
        ("boss@example.com", "boss", "config.py, line 9:", "RECIPIENTS: address"),
        ("\"ops@example.com\", 'boss@example.com'", "", "config.py, line 9:", "is empty"),
        ("\"ops@example.com\", 'boss@example.com'", "5", "config.py, line 9:", "RECIPIENTS"),
        ('"digital"', '"digitel"', "config.py, line 11:", 'did you mean "digital"?'),
        ('"digital": 15', '"digital": 99', "config.py, line 11:", "Door: digital"),
        ('"above": 90', '"above": "hot"', "config.py, line 13:", "above: has to be a number"),
        ('"analogue": 26', '"analogue": 99', "config.py, line 13:", "Boiler: analogue"),
        ("'Boiler'", "'Door'", "config.py, line 10:", "number 2 needs"),
        ('{"name": "Door", "digital": 15}', "5", "config.py, line 10:", "number 1 needs"),
    ):
        refused(changed(old, new), place, words)
    if sys.implementation.name == "micropython":  # CPython has the system's store
        refused(changed("INSECURE = True\n", ""), "config.py, line 1:", "CA is missing")


BOTH = "\"ops@example.com\", 'boss@example.com'"


def test_messages_say_what_to_write():
    """Messages name settings and options, not the library's arguments."""
    door = '"digital": 15'
    for old, new, words in (
        ('"above": 90', '"above": "90"', "Boiler: above: has to be a number, without quotes: 90"),
        (
            '"digital"',
            '"digtal"',
            'Door: digtal: is not an option of an input: did you mean "digital"?',
        ),
        (door, door + ', "quiet": 5', 'mean "quiet_minutes"?'),
        (door, door + ', "above": 5', 'above: only for an input with "analogue"'),
        (door, door + ', "pull": "Up"', 'pull: has to be one of: "up", "down", None'),
        (door, door + ", 5: 5", "5: is not an option of an input"),
        ("\nSERVER", "\nRECIPENTS = []\nSERVER", 'mean "RECIPIENTS"?'),
        ("\nSERVER", "\nDOOR_PIN = 15\nSERVER", "write your own names in small letters"),
        (
            "\nSERVER",
            "\nLOG_OCTETS = 8192\nSERVER",
            'LOG_OCTETS is not a setting: did you mean "LOG_BYTES"?',
        ),
        ("\nSERVER", "\nport = 25\nSERVER", "port has to be in capitals: PORT"),
        (
            "\nSERVER",
            "\nPORT = '587'\nSERVER",
            "has to be a whole number, 0 or above, without",
        ),
        ("\nSERVER", "\nPORT = 0\nSERVER", "PORT has to be a number from 1 to 65535, or None"),
        ("\nSERVER", "\nSECURITY = 'ssl'\nSERVER", 'did you mean "tls"?'),
        ("\nSERVER", "\nSECURITY = 'startls'\nSERVER", 'did you mean "starttls"?'),
        ("\nSERVER", "\nSECURITY = 'none'\nSERVER", "or ALLOW_PLAINTEXT_AUTH = True"),
        ("\nSERVER", "\nHOSTNAME = '192.0.2.1'\nSERVER", "HOSTNAME: an address needs brackets"),
        ("\nSERVER", "\nNTP_SERVER = ''\nSERVER", "NTP_SERVER: empty"),
        ("\nSERVER", "\nNTP_SERVER = 'time:123'\nSERVER", "a port is passed as NTP_PORT"),
        ("\nSERVER", "\nNTP_PORT = 99999\nSERVER", "NTP_PORT has to be a number from 1"),
        ("\nSERVER", "\nHEARTBEAT_HOURS = 1e-9\nSERVER", "has to be 0, or 0.001 or above"),
        ("\nSERVER", "\nRETRY_SECONDS = 0\nSERVER", "RETRY_SECONDS has to be 1 or above"),
        ("\nSERVER", "\nGRACE_SECONDS = 1e99\nSERVER", "GRACE_SECONDS has to be 3600 or below"),
        ("smtp.example.com", "smtp.example.com:587", 'SERVER = "smtp.example.com", PORT = 587'),
        ("smtp.example.com", "boiler@example.com", 'SERVER = "smtp.example.com"'),
        ("INSECURE = True", "CA = 'ca.der'", "`make flash` copies device/ca.der to the board"),
        ("INSECURE = True", "CA = 'config.py'", "CA: neither a PEM nor a DER certificate"),
        ("USER = ", "USER = None #", "set USER too, or remove PASSWORD"),
        ('boiler@example.com"\nPASS', 'boi\\0ler"\nPASS', "USER: U+0000 not allowed"),
        (BOTH, "'a@example.com, b@example.com'", "RECIPIENTS: address: several in one text"),
        (BOTH, "None", "RECIPIENTS: every address has to be a text in quotes"),
        ("boiler room", "boiler \\u202e room", "printable characters"),
        ("workshop", "w" * 33, "WIFI_NAME is longer than 32 bytes"),
    ):
        config, told = load(changed(old, new))
        same("config with %s" % new, config, None)
        if words not in told[0] or told[0][:16] != "config.py, line ":
            raise AssertionError("%s: %s" % (words, told))
        for word in ("host", "security", "username", "password", "ca", "hostname", "to", "sender"):
            for form in (" %s:", "`%s`", "%s="):
                same("%s in %s" % (form % word, told), form % word in told[0], False)


ODD = ("None", "True", "-1", "10**12", "float('nan')", "'\\n'", "b'x'", "[]", "{}", "('a','b')")
OPTIONS_OF = (
    (
        '"digital": 15',
        ("name", "digital", "pull", "alarm", "words", "settle_ms", "digtal", "above"),
    ),
    ('"analogue": 26, "above": 5', ("analogue", "scale", "unit", "above", "below", "hysteresis")),
    ('"every_minutes": 5', ("every_minutes", "text", "quiet_minutes")),
)


def test_odd_setting_raises_nothing():
    for value in ODD:
        for setting in checks._SETTINGS:
            load(GOOD + "%s = %s\n" % (setting[0], value))


def test_odd_option_raises_nothing():
    for value in ODD:
        for options, keys in OPTIONS_OF:
            for key in keys:
                entry = '{"name": "Odd", %s, "%s": %s}' % (options, key, value)
                load(GOOD + "INPUTS = [%s]\n" % entry)


def test_missing_settings_are_named():
    for name in ("DEVICE", "SERVER", "SENDER", "RECIPIENTS"):
        lines = [line for line in GOOD.split("\n") if not line.startswith(name)]
        refused("\n".join(lines), "config.py, line 1:", name + " is missing")
    refused(changed('WIFI_NAME = "workshop"\n', ""), "config.py, line 1:", "board needs Wi-Fi")


def test_all_problems_are_printed_at_once():
    text = changed('"smtp.example.com"', "25").replace('"boiler room"', "5") + "QUITE = 5\n"
    told = load(text)[1]
    same(
        "lines",
        [line.split(":")[0] for line in told[:3]],
        ["config.py, line %d" % n for n in (18, 1, 4)],
    )


def test_missing_configuration_is_reported():
    told = []
    settings.print = lambda *words: told.append(" ".join(words))
    try:
        same("config", settings.load(True), None)
    finally:
        del settings.print
    same("told", "there is no config.py" in told[0], True)


def test_line_of_a_setting_is_found():
    with open("config.py", "w") as file:
        file.write("# A = 1\nBAA = 1\nA = [\n    ('x',\n     'y'), 'x',\n    ('y', 'x')]\n")
    for words, line in (
        (("A",), 3),
        (("BAA",), 2),
        (("A", '"x"'), 4),
        (("A", '"y"'), 5),
        (("A", '"y"', '"x"'), 5),
        (("A", '"y"', '"y"', '"x"'), 6),
        (("A", '"z"'), 3),
        (("B",), 1),
        ((), 1),
    ):
        same("line of %r" % (words,), settings.line_of(*words), line)


class Rp2:
    """A stand-in of sys on a board."""

    platform = "rp2"

    class implementation:
        version = (1, 28, 0)
        _machine = "Raspberry Pi Pico W with RP2040"


def test_longest_watchdog_depends_on_the_port():
    """RP2040: 8.3 s; RP2350: twice that, from MicroPython 1.29 on; others have no limit."""
    same("elsewhere", checks._most_watchdog_seconds(), None)
    checks.sys = Rp2
    try:
        for machine, version, most in (
            ("Raspberry Pi Pico W with RP2040", (1, 29, 0), 8),
            ("Raspberry Pi Pico 2 W with RP2350", (1, 28, 0), 8),
            ("Raspberry Pi Pico 2 W with RP2350", (1, 29, 0), 16),
        ):
            Rp2.implementation._machine = machine
            Rp2.implementation.version = version
            same("%s, %s" % (machine, version), checks._most_watchdog_seconds(), most)
    finally:
        checks.sys = sys


class Pins:
    """A board.py."""

    DIGITAL = 15
    ANALOGUE = 26


def test_example_works_with_the_boards_pins():
    path = __file__.rsplit("host_tests", 1)[0] + "firmware/config_example.py"
    with open(path) as file:
        text = file.read()
    sys.modules["board"] = Pins
    try:
        config, told = load(text.replace('CA = "ca.der"', "INSECURE = True"))
    finally:
        del sys.modules["board"]
    same("told", told, [])
    same("pins", (config.INPUTS[0]["digital"], config.INPUTS[1]["analogue"]), (15, 26))


def test_example_has_each_setting_with_its_default():
    path = __file__.rsplit("host_tests", 1)[0] + "firmware/config_example.py"
    with open(path) as file:
        lines = file.read().split("\n")
    for name, _, *default in checks._SETTINGS:
        (line,) = [line for line in lines if line.replace("# ", "").startswith(name + " = ")]
        if line[0] == "#":
            shown = line.split(" = ")[1].split("  #")[0]
            same(name, shown.replace('"', "'"), repr(default[0]))

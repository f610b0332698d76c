"""Check the options of an input in INPUTS of config.py. Loaded only for this check."""

from .output import one_line
from .seldom import call

TEMPORARY = True  # freed after the call that needed it

LEAST_QUIET = 0.1  # min. Each alert is written to flash: shorter times wear it out.
_YEAR = 525600  # min
_HOUR = 3600000  # ms
_FAR = 1e9  # beyond any measured value
_LONGEST = 200  # characters of a text

_PLAIN = ("name", "text", "quiet_minutes")  # what every input may have
_KINDS = {
    "digital": ("pull", "alarm", "words", "settle_ms"),
    "analogue": ("scale", "unit", "above", "below", "hysteresis", "settle_ms"),
    "every_minutes": (),
}


def checked(options: "dict[str, object]", quiet_minutes: float) -> "dict[str, object]":
    """Return all options of the input, with defaults for omitted ones, and its "kind".

    quiet_minutes: the default of that option. Raises ValueError; its text begins with the wrong
    key.
    """
    found: dict[str, object] = {"name": _text(options, "name", None)}
    kind = found["kind"] = _kind(options)
    found["quiet_minutes"] = quiet_minutes
    if "quiet_minutes" in options:
        found["quiet_minutes"] = _number(options, "quiet_minutes", None, LEAST_QUIET, _YEAR)
    if kind == "digital":
        _check_digital(options, found)
    elif kind == "analogue":
        _check_analogue(options, found)
    else:
        found["quiet_minutes"] = 0
        found[kind] = _number(options, kind, None, 1, _YEAR)
        found["text"] = _text(options, "text", found["name"])
    return found


def _kind(options):
    """Return the key of _KINDS that the input has. Raises ValueError for unknown keys."""
    kinds = [key for key in _KINDS if key in options]
    for key in options:
        if key in _PLAIN or key in _KINDS:
            continue
        owners = [kind for kind in _KINDS if key in _KINDS[kind]]
        if not owners:
            known = list(_PLAIN) + [k for kind in _KINDS for k in (kind,) + _KINDS[kind]]
            advice = call("nearest", "suggestion", key, known) if isinstance(key, str) else ""
            raise ValueError("%s: is not an option of an input%s" % (_shown(key), advice))
        if len(kinds) == 1 and kinds[0] not in owners:
            raise ValueError('%s: only for an input with "%s"' % (key, owners[0]))
    if len(kinds) != 1:
        raise ValueError('name: an input needs one of "digital", "analogue", "every_minutes"')
    return kinds[0]


def _check_digital(options, found):
    found["digital"] = _pin(options, "digital")
    found["pull"] = _choice(options, "pull", ("up", "down", None))
    found["alarm"] = _choice(options, "alarm", (0, 1))
    found["words"] = words = _pair(options, "words", ("normal", "alarm"), str)
    if not _is_line(words[0]) or not _is_line(words[1]):
        raise ValueError("words: each has to be one line of printable characters")
    found["text"] = _text(options, "text", found["name"])
    found["settle_ms"] = _number(options, "settle_ms", 50, 0, _HOUR)


def _check_analogue(options, found):
    found["analogue"] = _pin(options, "analogue")
    found["scale"] = scale = _pair(options, "scale", (0, 3.3), (int, float))
    if not (abs(scale[0]) < _FAR and abs(scale[1]) < _FAR and abs(scale[1] - scale[0]) > 1e-6):
        raise ValueError("scale: needs two different numbers below 1,000,000,000")
    found["unit"] = _text(options, "unit", "V")
    if ("above" in options) == ("below" in options):
        raise ValueError('analogue: needs either "above" or "below"')
    found["way"] = way = "above" if "above" in options else "below"
    found["limit"] = limit = _number(options, way, None, -_FAR, _FAR)
    usual = abs(scale[1] - scale[0]) / 100
    found["hysteresis"] = _number(options, "hysteresis", usual, 0, _FAR)
    sentence = "%s is %s %s %s" % (found["name"], way, limit, found["unit"])
    found["text"] = _text(options, "text", sentence)
    found["settle_ms"] = _number(options, "settle_ms", 500, 0, _HOUR)


def _pin(options, key):
    pin = options[key]
    is_number = isinstance(pin, int) and not isinstance(pin, bool) and 0 <= pin < 10000
    if not is_number and not (isinstance(pin, str) and _is_line(pin)):
        raise ValueError(key + ": has to be a pin number, or a pin name in quotes")
    return pin


def _text(options, key, default):
    value = options.get(key, default)
    if not isinstance(value, str):
        raise ValueError(key + ": has to be a text in quotes")
    if not _is_line(value):
        text = "%s: has to be one line of 1 to %d printable characters"
        raise ValueError(text % (key, _LONGEST))
    return value


def _is_line(text):
    return 0 < len(text) <= _LONGEST and one_line(text) == text


def _number(options, key, default, low, high):
    value = options.get(key, default)
    if isinstance(value, str) and value.replace(".", "", 1).replace("-", "", 1).isdigit():
        raise ValueError("%s: has to be a number, without quotes: %s" % (key, _shown(value)))
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(key + ": has to be a number, such as %s" % (default or max(low, 1)))
    if value < low:
        raise ValueError("%s: has to be %s or above" % (key, low))
    if not value <= high:
        raise ValueError("%s: has to be %d or below" % (key, high))
    return value


def _pair(options, key, default, kind):
    value = options.get(key, default)
    is_good = isinstance(value, (tuple, list)) and len(value) == 2 and value[0] != value[1]
    if is_good:
        for one in value:
            is_good = is_good and isinstance(one, kind) and not isinstance(one, bool)
    if not is_good:
        raise ValueError("%s: needs two different values, such as %r" % (key, default))
    return value


def _choice(options, key, choices):
    """Return the value, which must be one of `choices`; the first is the default."""
    value = options.get(key, choices[0])
    if value not in choices:
        words = ", ".join([repr(choice) for choice in choices])
        raise ValueError("%s: has to be one of: %s" % (key, words.replace("'", '"')))
    return value


def _shown(value):
    return one_line(value if isinstance(value, str) else repr(value))[:_LONGEST]

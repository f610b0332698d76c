"""The alert application's inputs: debounce, hysteresis, timers; and the rules' quiet time."""

import time

from fake_board import PINS, same

from alert import wiring

MS_A_STEP = 10


def began(rule, levels, pin, attribute="level", start=0):
    """Return (step, count) of the alarms for these levels of a pin."""
    told = []
    for step, level in enumerate(levels):
        setattr(pin, attribute, level)
        now = start + step * MS_A_STEP
        count = rule.step(now, now // 1000)
        if count:
            told.append((step, count))
    return told


def door(**more):
    options = {"name": "Door", "digital": 15, "settle_ms": 50}
    options.update(more)
    return wiring.rule(options, 0), PINS[15]


def boiler(**more):
    options = {"name": "Boiler", "analogue": 26, "settle_ms": 0}
    options.update(more)
    return wiring.rule(options, 0), PINS[26]


def test_contact_must_settle():
    rule, pin = door()
    bounce = [1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    # Closed from step 6 on: it counts 50 ms after step 5, the last open one.
    same("told", began(rule, bounce, pin), [(10, 1)])


def test_short_pulse_is_no_alarm():
    rule, pin = door()
    same("told", began(rule, [1, 0, 0, 0, 0, 1] * 10, pin), [])


def test_alarm_is_reported_once_and_again_after_its_end():
    rule, pin = door()
    same("told", began(rule, [0] * 30 + [1] * 3 + [0] * 30, pin), [(5, 1)])
    rule, pin = door()
    same("told", began(rule, [0] * 30 + [1] * 30 + [0] * 30, pin), [(5, 1), (64, 1)])


def test_alarm_at_the_other_level():
    rule, pin = door(pull="down", alarm=1)
    same("told", began(rule, [0] * 9 + [1] * 9, pin), [(13, 1)])


def test_reading_is_one_of_the_words():
    rule, pin = door(words=("closed", "open"))
    pin.level = 1
    same("reading", rule.source.reading(), "closed")
    pin.level = 0
    same("reading", rule.source.reading(), "open")


def counts(celsius):
    """Return the converter's value for a temperature of 0 to 330 °C."""
    return celsius * 65535 // 330


def test_value_above_a_limit_with_hysteresis():
    rule, adc = boiler(scale=(0, 330), unit="°C", above=90, hysteresis=5)
    course = [20, 89, 92, 89, 92, 86, 92, 84, 89, 92]
    told = began(rule, [counts(celsius) for celsius in course], adc, "counts")
    same("told", told, [(2, 1), (9, 1)])
    same("text", rule.source.text, "Boiler is above 90 °C")
    same("reading", rule.source.reading(), "92.0 °C")


def test_value_below_a_limit_with_hysteresis():
    rule, adc = boiler(scale=(0, 330), unit="°C", below=5, hysteresis=2)
    course = [20, 6, 4, 6, 4, 8, 4]
    same("told", began(rule, [counts(c) for c in course], adc, "counts"), [(2, 1), (6, 1)])


def test_scale_may_fall():
    """A thermistor to ground: the voltage falls with the temperature."""
    rule, adc = boiler(scale=(330, 0), unit="°C", above=90, hysteresis=5)
    course = [20, 89, 92, 86, 92, 84, 92]
    told = began(rule, [65535 - counts(celsius) for celsius in course], adc, "counts")
    same("told", told, [(2, 1), (6, 1)])
    same("reading", rule.source.reading(), "92.0 °C")


def test_spike_must_last():
    rule, adc = boiler(scale=(0, 330), unit="°C", above=90, settle_ms=50)
    course = [counts(20), counts(95), counts(20)] + [counts(95)] * 9
    same("told", began(rule, course, adc, "counts"), [(7, 1)])


def test_unreadable_pin_does_not_change_the_alarm():
    rule, adc = boiler(scale=(0, 330), above=90)
    adc.counts = counts(95)
    read = adc.read_u16

    def fail():
        raise OSError(116, "ETIMEDOUT")  # as on ESP32 with a converter that Wi-Fi uses

    told = [rule.step(ms, 0) for ms in range(0, 100, 10)]
    same("told", sum(told), 1)
    adc.read_u16 = fail
    told = [rule.step(ms, 0) for ms in range(100, 200, 10)]
    same("told", (sum(told), rule.source.alarm), (0, True))
    same("problem", "ETIMEDOUT" in str(rule.source.problem), True)
    adc.read_u16 = read
    rule.step(200, 0)
    same("problem", rule.source.problem, None)


def test_timer_raises_an_alarm_at_intervals():
    rule = wiring.rule({"name": "Report", "every_minutes": 1}, 15)
    told = [seconds for seconds in range(250) if rule.step(seconds * 1000, seconds)]
    same("told", told, [60, 120, 180, 240])
    same("reading", rule.source.reading, None)


def test_flapping_contact_is_reported_once_and_then_counted():
    rule, pin = door(quiet_minutes=1, settle_ms=0)
    # Closed each second step for 100 s, then at rest for 100 s.
    told = began(rule, [0, 1] * 5000 + [1] * 10000, pin)
    # The first at once, those of a minute, those of the next minute, and no more.
    same("told", [told[0], len(told)], [(1 * 2, 1), 3])
    same("steps", [step for step, _ in told[1:]], [6000, 12000])
    same("all of them", sum([count for _, count in told]), 4999)
    same("since", rule.since, 60)


def test_alarm_after_a_quiet_time_is_reported_at_once():
    rule, pin = door(quiet_minutes=1)
    same("told", began(rule, [0] * 20 + [1] * 7000 + [0] * 20, pin), [(5, 1), (7024, 1)])


def test_ticks_may_wrap():
    """Ticks wrap to 0 within 13 days on a board."""
    rule, pin = door()
    start = time.ticks_add(0, -200)
    told = []
    for step, level in enumerate([1] * 20 + [0] * 20):
        pin.level = level
        if rule.step(time.ticks_add(start, step * MS_A_STEP), 0):
            told.append(step)
    same("told", told, [24])


def refused(options, key, words=""):
    try:
        wiring.rule(options, 0)
    except ValueError as exc:
        same("key", str(exc).split(":")[0], key)
        if words not in str(exc):
            raise AssertionError(str(exc))
        return
    raise AssertionError("taken: %s" % options)


def test_invalid_options_are_named():
    contact = {"name": "Door", "digital": 15}
    value = {"name": "Boiler", "analogue": 26, "above": 90}
    for good, wrong, key in (
        (contact, {"name": 5}, "name"),
        (contact, {"name": "two\nlines"}, "name"),
        (contact, {"analogue": 26}, "name"),
        (contact, {"digital": 99}, "digital"),
        (contact, {"alarm": 2}, "alarm"),
        (contact, {"pull": "left"}, "pull"),
        (contact, {"words": "open"}, "words"),
        (contact, {"words": ("open", 5)}, "words"),
        (contact, {"settle_ms": -1}, "settle_ms"),
        (contact, {"settle_ms": "5"}, "settle_ms"),
        (contact, {"text": ""}, "text"),
        (contact, {"quiet_minutes": 0}, "quiet_minutes"),
        (contact, {"quiet": 5}, "quiet"),
        (value, {"analogue": 99}, "analogue"),
        (value, {"scale": (5, 5)}, "scale"),
        (value, {"scale": 5}, "scale"),
        (value, {"scale": (0, "hot")}, "scale"),
        (value, {"below": 5}, "analogue"),
        (value, {"above": "hot"}, "above"),
        (value, {"hysteresis": -1}, "hysteresis"),
        (value, {"alarm": 1}, "alarm"),
        ({"name": "Report"}, {}, "name"),
        ({"name": "Report", "every_minutes": 5}, {"every_minutes": 0}, "every_minutes"),
    ):
        wrong_one = dict(good)
        wrong_one.update(wrong)
        refused(wrong_one, key)

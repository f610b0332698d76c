"""App: connects inputs, rules, network, clock and mails; step() is one turn of the main loop."""

import machine
from hssmtp import const

from . import led, mail, wiring
from .backoff import Backoff
from .clock import Clock
from .delivery import Delivery
from .inputs import Timer
from .led import Led
from .log import Log
from .pending import Alert, Pending
from .rules import Rule
from .uplink import Uplink

_TURN_MS = const(10)  # the inputs are read this often
_HOUR = const(3600)  # s


class App:
    """The application. config: as settings.load() returns it; board: a board.py of boards/."""

    def __init__(self, config, board, light: Led):
        # Create the client first: its code and buffers then lie together, and the rest of the
        # heap stays in one piece. TLS on RP2 needs 16 KB in one piece.
        self._client = mail.client(config)
        self._config = config
        self._light = light
        self._clock = Clock(config.NTP_SERVER, config.NTP_PORT)
        self._log = Log("log", config.LOG_BYTES, config.LOG_SECONDS, self._clock)
        self.say = self._log.say  # stored: each access to a bound method allocates
        self._pending = Pending("pending", self.say, self._log.make_room)
        self._rules = [wiring.rule(options, config.QUIET_MINUTES) for options in config.INPUTS]
        if config.HEARTBEAT_HOURS:
            beat = Timer("Heartbeat", "A sign of life", round(config.HEARTBEAT_HOURS * _HOUR))
            self._rules.append(Rule(beat, 0))
        self._delivery = Delivery(
            self._client,
            self._pending,
            self._compose,
            self.say,
            Backoff(config.RETRY_SECONDS, config.RETRY_MOST_SECONDS),
            config.REFUSED_SECONDS,
        )
        self._uplink = Uplink(
            board.interface(),
            config.WIFI_NAME if board.WIRELESS else None,
            config.WIFI_PASSWORD,
            config.NETWORK_SECONDS,
            Backoff(config.NETWORK_RETRY_SECONDS, config.NETWORK_RETRY_MOST_SECONDS),
        )

    def start(self) -> None:
        """Switch the network on. This may take seconds: start the watchdog after it."""
        self.say("started; %d alerts are pending" % len(self._pending.alerts))
        if machine.reset_cause() == machine.WDT_RESET:
            self.say("the board was reset by the watchdog, or by machine.reset()")
        self._uplink.start()

    def step(self, now: int) -> None:
        """Do one turn of the main loop: bounded work, no waiting. now: ms, as ticks_ms() has it.

        A turn without an event allocates nothing.
        """
        clock = self._clock
        uplink = self._uplink
        delivery = self._delivery
        clock.count(now)
        seconds = clock.seconds
        for rule in self._rules:
            count = rule.step(now, seconds)
            if count:
                self._alarm(rule, count)
            if rule.source.problem or rule.is_unreadable:
                self._log_readable(rule)
        was_up = uplink.up
        uplink.step(seconds, self.say)
        if uplink.up and not was_up:
            delivery.retry_now(False)
        if clock.step(now, uplink.up, self.say):
            delivery.retry_now(True)  # a wrong clock may have made the certificate invalid
        delivery.step(now, seconds, uplink.up, clock.known or clock.tried)
        self._log.held = delivery.alert is not None
        self._log.step()
        self._light.step(now, self._led_code())

    def idle_ms(self, now: int) -> int:
        """Return for how many ms the main loop may sleep."""
        return min(self._client.idle_ms(now), _TURN_MS)

    def stop(self) -> None:
        """Close the connection, and write the log to flash."""
        self._client.deinit()
        self._log.flush()

    def _led_code(self):
        if self._delivery.alert:
            return led.SENDING
        if self._delivery.refused:
            return led.REFUSED
        if not self._uplink.up:
            return led.OFFLINE
        return led.WAITING if self._pending.alerts else led.WELL

    def _log_readable(self, rule):
        """Log once that an input can't be read, and once that it can be read again."""
        problem = rule.source.problem
        if (problem is None) == rule.is_unreadable:
            rule.is_unreadable = not rule.is_unreadable
            words = "can't be read: %s" % problem if problem else "can be read again"
            self.say("input %s %s" % (rule.source.name, words))

    def _alarm(self, rule, count):
        source = rule.source
        readings = mail.readings(self._rules)  # before the log is written, which takes time
        self.say(
            "alarm: %s, %d times" % (source.text, count) if count > 1 else "alarm: " + source.text
        )
        last = self._clock.stamp()
        first = last - (self._clock.seconds - rule.since)
        self._pending.add(Alert(source.name, source.text, count, first, last, readings))

    def _compose(self, alert):
        self._log.flush()
        logs = [] if alert.bare else self._log.files()
        return mail.compose(self._config, alert, mail.readings(self._rules), self._clock, logs)

"""The whole alert application: alarms become mails, and none is lost."""

import os
from binascii import a2b_base64

from alert_play import OPEN, SHUT, Config, Play
from fake_board import Machine, same

from alert import log


def field(text, name):
    for line in text.split("\r\n"):
        if line.startswith(name + ": "):
            return line[len(name) + 2 :]
    raise AssertionError("no %s: %s" % (name, text))


def attached(text, name):
    """Return the content of an attachment."""
    part = text.split('filename="%s"' % name)[1].split("\r\n\r\n")[1].split("--")[0]
    return a2b_base64(part.encode()).decode()


def pending():
    return os.listdir("pending")


def test_an_alarm_becomes_a_mail():
    play = Play()
    play.boiler.counts = 65535 * 20 // 330
    play.run(5)
    same("mails", play.texts(), [])
    play.press()
    text = play.texts()[0]
    same("how many", len(play.texts()), 1)
    same("subject", field(text, "Subject"), "boiler room: The door is open")
    same("recipients", play.server.mails[0][1], ["ops@example.com"])
    for words in ("Door open, Boiler 20.0 =C2=B0C", "Time: ", "Up for 0 h 0 min"):
        if words not in text:
            raise AssertionError(text)
    log = attached(text, "log.txt")
    for words in ("started", "the network is up, address 192.0.2.7", "alarm: The door is open"):
        if words not in log:
            raise AssertionError(log)
    same("pending", pending(), [])


def test_readings_are_taken_before_the_alarm_is_logged():
    play = Play()

    def close_the_door(line):
        if "alarm: " in line:
            play.door.level = SHUT

    log.print = close_the_door
    try:
        play.press()
    finally:
        del log.print
    same("readings", field(play.texts()[0], "Readings then")[:10], "Door open,")


def test_watchdog_reset_is_in_the_log():
    Machine.cause = Machine.WDT_RESET
    try:
        play = Play()
    finally:
        Machine.cause = 1
    play.press()
    same("told", "the watchdog" in attached(play.texts()[0], "log.txt"), True)


def test_value_beyond_its_limit_becomes_a_mail():
    play = Play()
    play.boiler.counts = 65535 * 95 // 330
    play.run(5)
    same("subject", field(play.texts()[0], "Subject")[:10], "=?utf-8?q?")
    same("mails", len(play.texts()), 1)


def test_flapping_input_sends_one_mail_and_a_count():
    play = Play()
    for _ in range(60):
        play.press()
    play.run(120)
    subjects = [field(text, "Subject") for text in play.texts()]
    # 60 times within 120 s: a mail at once, one after a minute, one for the second minute.
    same("mails", len(subjects), 3)
    same("the first", subjects[0], "boiler room: The door is open")
    counts = [int(subject.split("(")[1].split(" ")[0]) for subject in subjects[1:]]
    same("all of them", 1 + sum(counts), 60)


def test_alert_is_sent_once_the_server_is_back():
    play = Play({"GREETING": ["421 later"] * 4})
    play.press()
    same("pending", len(pending()), 1)
    play.run(119)
    play.press()
    same("pending", len(pending()), 1)
    play.run(1000)
    same(
        "subjects",
        [field(text, "Subject") for text in play.texts()],
        ["boiler room: The door is open (2 times)"],
    )
    same("pending", pending(), [])


def test_alert_is_sent_once_the_network_is_up():
    play = Play(connected=False)
    play.press()
    play.run(100)
    same("opened", play.link.opened, [])
    play.board.network.connected = True
    play.run(1)
    same("mails", len(play.texts()), 1)


def test_mail_waits_for_the_memory_of_the_last_connection_on_rp2():
    """The mail is begun at once, and waits without blocking until lwIP's heap has room."""
    play = Play(port="rp2")
    play.door.level = OPEN
    same("in the middle", play.run(5, until=lambda: play.client.bytes_sent > 0), True)
    play.board.network.connected = False
    play.run(1)
    play.port.held = 7500  # unacknowledged data, for 10 s
    play.board.network.connected = True
    play.run(9)
    same("under way", play.client.result, None)
    same("mails", play.texts(), [])
    play.port.held = 0
    play.run(1)
    play.port.check()
    same("mails", len(play.texts()), 1)
    same("pending", pending(), [])


def test_network_lost_within_a_mail():
    play = Play()
    play.door.level = OPEN
    same("in the middle", play.run(5, until=lambda: play.client.bytes_sent > 0), True)
    play.board.network.connected = False
    play.run(10)
    same("mails", play.texts(), [])
    same("open", play.link.is_open, False)
    play.board.network.connected = True
    play.run(1)
    same("mails", len(play.texts()), 1)
    same("pending", pending(), [])


def test_reset_at_every_step_of_a_mail_loses_no_alert():
    """The alert is always sent; twice only if the server already had the first mail."""
    steps = 0
    ended = False
    while not ended:
        before = Play()
        before.door.level = OPEN
        before.run(1, until=pending)
        for _ in range(steps):
            before.run(1, 1000)
            ended = before.client.result is not None
        had = len(before.texts())
        before.client.deinit()  # as a reset closes files
        after = Play()
        after.run(5)
        same("told before or after step %d" % steps, had + len(after.texts()) > 0, True)
        same("pending after step %d" % steps, pending(), [])
        steps += 1
    same("steps", steps > 8, True)


def test_mail_in_doubt_keeps_its_message_id():
    play = Play({"TEXT": ["", "250 kept"]})
    play.press()
    play.run(100)
    ids = [text.decode().split("Message-ID: ")[1].split("\r\n")[0] for text in play.server.texts]
    same("texts", len(ids), 2)
    same("ids", ids[0], ids[1])
    same("pending", pending(), [])


def test_refused_login_is_shown_by_the_led():
    play = Play({"MAIL": ["530 5.7.0 log in first"]})
    play.press()
    same("refused", play.app._led_code(), 4)
    same("pending", len(pending()), 1)
    play.run(3700, 1000)
    same("mails", len(play.texts()), 1)
    same("well", play.app._led_code(), 1)


def test_mail_that_is_too_large_is_sent_without_the_log():
    play = Play({"TEXT": ["552 5.3.4 too large"]})
    play.press()
    same("attachments", ["log.txt" in text for text in play.texts()], [False])


def test_unreadable_input_is_reported_once_and_others_go_on():
    play = Play()
    play.run(1)
    read = play.boiler.read_u16

    def fail():
        raise OSError(116, "ETIMEDOUT")

    play.boiler.read_u16 = fail
    play.press()
    text = play.texts()[0]
    same("readings", "Boiler can't be read" in text, True)
    log = attached(text, "log.txt")
    same("told", log.count("input Boiler can't be read: "), 1)
    play.boiler.read_u16 = read
    play.run(60)
    play.press()
    log = attached(play.texts()[1], "log.txt")
    same("told", log.count("input Boiler can be read again"), 1)


def test_heartbeat_is_sent():
    class Beating(Config):
        HEARTBEAT_HOURS = 2

    play = Play(config=Beating)
    play.run(5 * 3600, 1000)
    subjects = [field(text, "Subject") for text in play.texts()]
    same("subjects", subjects, ["boiler room: A sign of life"] * 2)


def test_stop_closes_everything():
    play = Play()
    play.door.level = OPEN
    play.run(5, until=lambda: play.client.bytes_sent > 0)
    play.app.stop()
    same("open", play.link.is_open, False)
    with open("log/log.txt") as file:
        same("log", "sending: The door is open" in file.read(), True)
    same("pending", len(pending()), 1)

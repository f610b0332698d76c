"""The alert application on a real littlefs with failing blocks: each write in turn, and all."""

import gc
import os

import vfs
from alert_play import Play
from fake_board import same
from flash_checks import check_alerts_are_sent, check_problems_are_said_once, printed

ONLY = "micropython"  # CPython has no littlefs

_BLOCK = 512
_COUNT = 60


class Blocks:
    """A block device in memory. After `writes` writes it fails for `failing` writes.

    It allocates nothing: the garbage collector closes files that could not be closed.
    """

    def __init__(self, count=_COUNT):
        self.data = bytearray(count * _BLOCK)
        self.count = count
        self.writes = 1000000
        self.failing = 1000000

    def readblocks(self, block, buf, offset=0):
        data = self.data
        at = block * _BLOCK + offset
        for i in range(len(buf)):
            buf[i] = data[at + i]

    def writeblocks(self, block, buf, offset=0):
        self.writes -= 1
        if self.writes < 0 and self.failing > 0:
            self.failing -= 1
            return -5  # EIO
        data = self.data
        at = block * _BLOCK + offset
        for i in range(len(buf)):
            data[at + i] = buf[i]
        return 0

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.count
        if operation == 5:
            return _BLOCK
        if operation == 6:  # erase, before a block is written
            return 0
        return 0


def run_on(blocks, action, is_new=True):
    """Run an action in the root of a littlefs on the blocks; return the printed lines."""
    if is_new:
        vfs.VfsLfs2.mkfs(blocks)
    home = os.getcwd()
    gc.collect()
    vfs.mount(vfs.VfsLfs2(blocks), "/flash")
    os.chdir("/flash")
    try:
        return printed(action)
    finally:
        os.chdir(home)
        gc.collect()  # close failed files while their blocks exist
        vfs.umount("/flash")


def send():
    play = Play()
    check_alerts_are_sent(play)
    play.app.stop()  # close its files here, not in the garbage collector


def test_flash_whose_blocks_all_fail():
    blocks = Blocks()
    blocks.writes = 100

    def fail_and_send():
        blocks.writes = 0
        send()

    lines = run_on(blocks, fail_and_send)
    same("said in %s" % lines, len(check_problems_are_said_once(lines)) > 0, True)


def test_each_block_write_fails_in_turn():
    """One failing write, and all from then on: each alert is sent."""
    for failing in (1, 1000000):
        for writes in range(0, 40, 3):
            blocks = Blocks()

            def fail_and_send(blocks=blocks, writes=writes, failing=failing):
                blocks.writes = writes
                blocks.failing = failing
                send()

            run_on(blocks, fail_and_send)


def test_power_lost_at_each_block_write_loses_no_stored_alert():
    for writes in range(0, 20, 2):
        blocks = Blocks()

        def alarm(blocks=blocks, writes=writes):
            play = Play(connected=False)
            play.press()
            blocks.writes = writes
            play.run(70, 100)
            play.press()
            play.run(70, 100)
            play.app.stop()

        def send_after():
            play = Play()
            play.run(10)
            same("mails", len(play.texts()), 1)
            play.app.stop()

        run_on(blocks, alarm)
        blocks.writes = 1000000
        run_on(blocks, send_after, False)


def test_flash_full_at_the_first_start():
    def fill_and_send():
        try:
            for number in range(_COUNT):
                with open("full%d" % number, "wb") as file:
                    file.write(bytes(_BLOCK))
        except OSError:
            pass
        send()

    lines = run_on(Blocks(), fill_and_send)
    problems = check_problems_are_said_once(lines)
    same("said in %s" % lines, "flash is full" in "".join(problems), True)

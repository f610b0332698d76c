"""Hostile dialogues against a strict model (host_tests/fuzz), and a check that the model can fail.

HSSMTP_FUZZ says how many dialogues; `make fuzz` plays 200,000.
"""

import os
import subprocess
import sys

import pytest

from host_tests.fuzz import faults
from host_tests.fuzz.mails import write_files
from host_tests.fuzz.run import Player, Settings, transcript
from host_tests.support.runtimes import ROOT

COUNT = int(os.environ.get("HSSMTP_FUZZ", "25000"))  # a minute
MOST = 20000  # dialogues in which a planted fault must be found; some appear rarely


@pytest.fixture(scope="module")
def player(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mails")
    write_files(folder)
    player = Player(1, folder)
    yield player
    player.close()


@pytest.mark.timeout(300 + COUNT // 20)
def test_hostile_dialogues_violate_no_property():
    done = subprocess.run(
        [sys.executable, "-m", "host_tests.fuzz", "--count", str(COUNT)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert f"{COUNT} dialogues, no property violated" in done.stdout


@pytest.mark.parametrize("name", faults.FAULTS)
def test_planted_fault_is_found(name, player):
    wanted = faults.FAULTS[name].properties
    with faults.planted(name):
        names = (found.name for number in range(MOST) if (found := player.play(number)))
        assert any(name in wanted for name in names)


def test_dialogue_can_be_played_again():
    """From its number alone, except for the Message-ID."""
    told = [transcript(Settings(), 17).split("\n") for _ in range(2)]
    first, second = ([line for line in each if line.split()[0] != "client"] for each in told)
    assert first == second
    assert len(first) > 5

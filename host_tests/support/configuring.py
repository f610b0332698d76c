"""What the tests of make configure share."""

from host_tests.support.runtimes import ROOT, run
from tools.configure import configuration

WIFI_PASSWORD = 'a "wi-fi" \\ of\' mine'
SAMPLE = '''\
"""What this device is told."""

DEVICE = "boiler room"  # what the mails call it
RECIPIENTS = [
    "ops@example.com",  # who is on duty
]
INPUTS = [{"name": "tür", "digital": 1400, "x": 1}, {"analogue": 3}]  # "ä"
'''


def written(device):
    """The configuration's plain values."""
    return configuration.read(device / "config.py")


SEND_IT = """
import hssmtp
from config import *
client = hssmtp.Client(SERVER, PORT, SECURITY, USER, PASSWORD, ca=CA)
client.send_mail(hssmtp.Message(SENDER, RECIPIENTS, text="x"))
while client.tick():
    pass
print(hssmtp.explain(client))
"""


def on_micropython(micropython, device, script):
    (device / "script.py").write_text(script)
    done = run(micropython, "script.py", env={"MICROPYPATH": f".:{ROOT}/lib:.frozen"}, cwd=device)
    assert done.returncode == 0, done.stdout
    return done.stdout

"""What the tests of make configure share."""

import io

import pytest

from host_tests.support.configuring import SAMPLE, WIFI_PASSWORD
from host_tests.support.servers import PASSWORD, USER
from tools.configure import __main__ as configure


@pytest.fixture(autouse=True)
def store(certificates, tmp_path, monkeypatch):
    """This PC's own: the tests' CA alone. And the sample that a first run starts from."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_pem))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    sample = tmp_path / "config_example.py"
    sample.write_text(SAMPLE, encoding="utf-8")
    monkeypatch.setattr(configure, "TEMPLATE", sample)


@pytest.fixture
def device(tmp_path):
    return tmp_path / "device"


@pytest.fixture
def answers(aiosmtpd_server):
    """Answers that are right, for the server with STARTTLS."""
    return {
        "BOARD": "RPI_PICO_W",
        "DEVICE": "boiler room",
        "WIFI_NAME": "Müller's",
        "WIFI_PASSWORD": WIFI_PASSWORD,
        "SENDER": "Boiler <boiler@example.test>",
        "SERVER": "localhost",
        "SECURITY": "starttls",
        "PORT": aiosmtpd_server.port,
        "USER": USER,
        "PASSWORD": PASSWORD,
        "RECIPIENTS": ["ops@example.test", '"Smith, J" <smith@example.test>'],
    }


@pytest.fixture
def configured(device, monkeypatch, capsys):
    """Run it with answers, a dict or their text; return all that it printed."""

    def configured(answers, *arguments, status=0):
        if not isinstance(answers, str):
            answers = "".join(f"{name} = {value!r}\n" for name, value in answers.items())
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        done = configure.main(["--answers", "-", "--device", str(device), *map(str, arguments)])
        said = "".join(capsys.readouterr())
        assert done == status, said
        assert all(len(line) <= 80 and line.isprintable() for line in said.splitlines()), said
        assert PASSWORD not in said
        assert WIFI_PASSWORD not in said
        return " ".join(said.split())  # lines are broken at 80 columns

    return configured

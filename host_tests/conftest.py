"""What the tests share: the cases that run on every runtime, and the servers.

A file host_tests/cases/*/test_*.py is portable: it imports no pytest, and its functions test_*()
take no arguments and find themselves in an empty folder. Each becomes one test a runtime.
`ONLY = "micropython"` in such a file, the name of an implementation, keeps it there.
"""

import ast
import contextlib
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import configuration, settings

from host_tests.support import alert_device
from host_tests.support.mails import PORTS
from host_tests.support.mpremote import require
from host_tests.support.runtimes import MICROPYTHONS, ROOT, RUNTIMES, Result, run, run_cases
from host_tests.support.servers import PASSWORD, USER, missing
from host_tests.support.servers.aiosmtpd import AiosmtpdServer
from host_tests.support.servers.certificates import Certificates, server_context
from host_tests.support.servers.dovecot import Dovecot
from host_tests.support.servers.postfix import Postfix
from host_tests.support.servers.submission import Submission

CASES = ROOT / "host_tests" / "cases"

configuration.set_hypothesis_home_dir(ROOT / "build" / "hypothesis")
# Each run tries the same examples, so that a failure is the change's.
# --hypothesis-profile=random tries others.
settings.register_profile("hssmtp", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("random", deadline=None, print_blob=True, derandomize=False)
settings.load_profile("hssmtp")


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    if CASES in module_path.parents and module_path.name.startswith("test_"):
        return CaseFile.from_parent(parent, path=module_path)
    return None


class CaseFile(pytest.Module):
    """A portable file of tests."""

    def collect(self) -> Iterator[pytest.Item]:
        # Read, not imported: what is for MicroPython only may not even load here.
        body = ast.parse(self.path.read_text(encoding="utf-8")).body
        cases = [
            node for node in body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"
        ]
        for runtime in RUNTIMES:
            if RUNTIMES[runtime].implementation not in _implementations(body):
                continue
            for case in cases:
                name = f"{case.name}[{runtime}]"
                if runtime == "cpython":
                    function = getattr(self.obj, case.name)
                    yield HereCase.from_parent(self, name=name, callobj=function)
                else:
                    yield ThereCase.from_parent(self, name=name, runtime=runtime, node=case)


def _implementations(body: list[ast.stmt]) -> set[str]:
    """What `ONLY = …` says; every implementation where nothing does."""
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ONLY":
            return {ast.literal_eval(node.value)}
    return {runtime.implementation for runtime in RUNTIMES.values()}


class HereCase(pytest.Function):
    """A case in this very Python."""

    def runtest(self) -> None:
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder, _restored_modules("alert"):
            os.chdir(folder)
            try:
                super().runtest()
            finally:
                os.chdir(before)


@contextlib.contextmanager
def _restored_modules(package: str) -> Iterator[None]:
    """Undo what a case replaces in the modules of a package: later tests need the originals."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == package]
    before = [(vars(module), dict(vars(module))) for module in modules]
    try:
        yield
    finally:
        for names, values in before:
            names.clear()
            names.update(values)


class CaseFailed(Exception):
    """Its text is all there is to show."""


class ThereCase(pytest.Item):
    """A case in another runtime's process, which serves all cases of its file."""

    def __init__(self, *, runtime: str, node: ast.FunctionDef, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.runtime = runtime
        self.case = node.name
        self.line = node.lineno - 1

    def runtest(self) -> None:
        results = self.session.stash.setdefault(_RESULTS, {})
        if (self.path, self.runtime) not in results:
            results[self.path, self.runtime] = run_cases(self.runtime, self.path, self._siblings())
        problem, output = results[self.path, self.runtime][self.case]
        if output:
            self.add_report_section("call", "stdout", output)
        if problem:
            raise CaseFailed(problem)

    def _siblings(self) -> list[str]:
        return [
            item.case
            for item in self.session.items
            if isinstance(item, ThereCase)
            and (item.path, item.runtime) == (self.path, self.runtime)
        ]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:  # type: ignore[override]
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line, self.name


_RESULTS = pytest.StashKey[dict[tuple[Path, str], dict[str, Result]]]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine can't run: here, since pytest sums fixtures' skips up one by one."""
    if isinstance(item, ThereCase):
        _require(item.runtime)
    elif isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        for fixture in {"runtime", "micropython"} & set(item.callspec.params):
            _require(str(item.callspec.params[fixture]))


def _require(runtime: str) -> None:
    if RUNTIMES[runtime].command() is None:
        if RUNTIMES[runtime].optional:
            pytest.skip(f"no {runtime}: {RUNTIMES[runtime].hint}")
        missing(f"no {runtime}", RUNTIMES[runtime].hint)


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    """The name of a runtime, for host_tests.support.runtimes.run; each in turn."""
    return request.param


@pytest.fixture(params=MICROPYTHONS)
def micropython(request: pytest.FixtureRequest) -> str:
    """The name of one that is MicroPython; each in turn."""
    return request.param


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def aiosmtpd_server(certificates: Certificates) -> Iterator[AiosmtpdServer]:
    with AiosmtpdServer(server_context(certificates.good)) as server:
        yield server


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """Pytest's own is closed to the users that Postfix and Dovecot run as."""
    with tempfile.TemporaryDirectory(prefix="hssmtp-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def dovecot(
    certificates: Certificates, aiosmtpd_server: AiosmtpdServer, open_folder: Path
) -> Iterator[Dovecot]:
    folder = open_folder / "dovecot"
    folder.mkdir()
    with Dovecot(folder, certificates.good, aiosmtpd_server.extended_port) as server:
        yield server


@pytest.fixture(scope="session")
def postfix(certificates: Certificates, dovecot: Dovecot, open_folder: Path) -> Iterator[Postfix]:
    folder = open_folder / "postfix"
    folder.mkdir()
    with Postfix(folder, certificates.good, dovecot.socket) as server:
        yield server


@pytest.fixture(scope="session")
def submission(dovecot: Dovecot, aiosmtpd_server: AiosmtpdServer) -> Submission:
    return Submission(dovecot, aiosmtpd_server)


@pytest.fixture
def send(runtime: str, certificates: Certificates, tmp_path: Path) -> Callable[..., Any]:
    """send(server, security, mail, …) has it sent, and returns what the driver tells of it."""

    def send(
        server: Any,
        security: str,
        *mails: dict[str, Any],
        heapsize: str | None = None,
        timeout: float = 120,
        job: dict[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        options.setdefault("port", getattr(server, PORTS[security], None))
        if security != "none":
            options.setdefault("ca", str(certificates.ca_pem))
        client = {"host": "localhost", "security": security, **options}
        path = tmp_path / "job.json"
        path.write_text(json.dumps({"client": client, "mails": mails, **(job or {})}))
        script = ROOT / "host_tests" / "support" / "driver.py"
        done = run(runtime, script, [path], timeout=timeout, heapsize=heapsize)
        assert done.returncode == 0, done.stdout
        told = [json.loads(line) for line in done.stdout.splitlines()]
        return told[0] if len(mails) == 1 else told

    return send


@pytest.fixture
def address() -> str:
    """A recipient of this test's own."""
    return f"r{random.randrange(1 << 60):x}@example.test"


@pytest.fixture(scope="session")
def alert_flash(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Path:
    require()
    return alert_device.flash(tmp_path_factory.mktemp("flash"), certificates)


@pytest.fixture
def device(
    alert_flash: Path, tmp_path: Path, aiosmtpd_server: AiosmtpdServer, address: str
) -> Iterator[alert_device.Device]:
    """The alert application on a virtual board; it waits for configure()."""
    settings = {
        "PORT": aiosmtpd_server.port,
        "USER": USER,
        "PASSWORD": PASSWORD,
        "RECIPIENTS": [address],
    }
    with alert_device.running(alert_flash, tmp_path, settings) as device:
        yield device

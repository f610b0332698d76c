"""Very many mails from one MicroPython process: heap and open files are the same afterwards.

HSSMTP_SOAK is the number; `make soak` sends 10,000.
"""

import json
import os
import sys

import pytest

from host_tests.support.runtimes import ROOT, run
from host_tests.support.servers import free_ports

COUNT = int(os.environ.get("HSSMTP_SOAK", "1000"))
LEAST_LEAK = 16  # bytes of heap: no object is smaller


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
@pytest.mark.timeout(60 + COUNT)
def test_heap_and_files_are_the_same_after_many_mails(micropython, aiosmtpd_server, tmp_path):
    script = ROOT / "host_tests" / "support" / "soak.py"
    args = [COUNT, aiosmtpd_server.plain_port, *free_ports(1)]
    done = run(micropython, script, args, heapsize="512K", timeout=60 + COUNT, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    results, heap, files = json.loads(done.stdout.splitlines()[-1])
    assert {"SENT", "FAILED", "ABORTED", "raised"} <= set(results), results
    assert files == 0
    assert heap < COUNT * LEAST_LEAK / 4, (heap, results)

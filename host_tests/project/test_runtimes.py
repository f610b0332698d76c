"""The portable cases' harness by itself: what fails on another runtime must fail here."""

from host_tests.support.runtimes import RUNTIMES, run, run_cases

CASES = """
import os
def test_right():
    open("made", "w").close()
def test_wrong():
    print("said before")
    assert os.listdir() == ["made"]
def test_leaves():
    raise SystemExit(0)
def test_killed():
    os.system("kill -9 $PPID")
def test_hangs():
    print("in here")
    while True:
        pass
"""


def cases(micropython, tmp_path, *names, timeout=60):
    """For each name the problem, and what was said before."""
    path = tmp_path / "test_these.py"
    path.write_text(CASES)
    results = run_cases(micropython, path, names, timeout)
    return {name: result.problem + result.output for name, result in results.items()}


def test_results(micropython, tmp_path):
    results = cases(micropython, tmp_path, "test_right", "test_wrong", "test_leaves", "test_none")
    assert results["test_right"] == ""
    assert "AssertionError" in results["test_wrong"]
    assert "said before" in results["test_wrong"]
    assert "SystemExit" in results["test_leaves"]
    assert "no attribute" in results["test_none"]


def test_the_end_of_the_process_fails_what_had_no_result(micropython, tmp_path):
    results = cases(micropython, tmp_path, "test_right", "test_killed", "test_wrong")
    assert results["test_right"] == ""
    assert "exit status -9" in results["test_killed"]
    assert "exit status -9" in results["test_wrong"]


def test_a_case_that_hangs_fails(micropython, tmp_path):
    results = cases(micropython, tmp_path, "test_right", "test_hangs", timeout=1)
    assert results["test_right"] == ""
    assert "ended after 1 s" in results["test_hangs"]
    assert "in here" in results["test_hangs"]


def test_a_script_on_a_runtime(runtime, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import hssmtp, os, sys\nprint(sys.implementation.name, sys.argv[1:], os.getenv('WORD'))"
    )
    done = run(runtime, script, ["a", 1], env={"WORD": "said"})
    assert done.stdout == f"{RUNTIMES[runtime].implementation} ['a', '1'] said\n"


def test_a_heap_of_its_own(micropython, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import gc\nprint(gc.mem_alloc() + gc.mem_free())")
    assert int(run(micropython, script, heapsize="64K").stdout) < 64 * 1024

"""The portable cases' harness by itself: what fails on another runtime must fail here."""

from host_tests.support.runtimes import RUNTIMES, run, run_cases

CASES = """
import os
def test_passing_case_passes():
    open("made", "w").close()
def test_failing_case_fails():
    print("said before")
    assert os.listdir() == ["made"]
def test_case_that_exits_fails():
    raise SystemExit(0)
def test_case_that_kills_the_process_fails():
    os.system("kill -9 $PPID")
def test_case_that_hangs():
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


def test_results_are_reported(micropython, tmp_path):
    results = cases(
        micropython,
        tmp_path,
        "test_passing_case_passes",
        "test_failing_case_fails",
        "test_case_that_exits_fails",
        "test_none",
    )
    assert results["test_passing_case_passes"] == ""
    assert "AssertionError" in results["test_failing_case_fails"]
    assert "said before" in results["test_failing_case_fails"]
    assert "SystemExit" in results["test_case_that_exits_fails"]
    assert "no attribute" in results["test_none"]


def test_cases_without_a_result_fail(micropython, tmp_path):
    results = cases(
        micropython,
        tmp_path,
        "test_passing_case_passes",
        "test_case_that_kills_the_process_fails",
        "test_failing_case_fails",
    )
    assert results["test_passing_case_passes"] == ""
    assert "exit status -9" in results["test_case_that_kills_the_process_fails"]
    assert "exit status -9" in results["test_failing_case_fails"]


def test_hanging_case_fails(micropython, tmp_path):
    results = cases(
        micropython, tmp_path, "test_passing_case_passes", "test_case_that_hangs", timeout=1
    )
    assert results["test_passing_case_passes"] == ""
    assert "ended after 1 s" in results["test_case_that_hangs"]
    assert "in here" in results["test_case_that_hangs"]


def test_script_runs_on_a_runtime(runtime, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import hssmtp, os, sys\nprint(sys.implementation.name, sys.argv[1:], os.getenv('WORD'))"
    )
    done = run(runtime, script, ["a", 1], env={"WORD": "said"})
    assert done.stdout == f"{RUNTIMES[runtime].implementation} ['a', '1'] said\n"


def test_heap_size_can_be_set(micropython, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import gc\nprint(gc.mem_alloc() + gc.mem_free())")
    assert int(run(micropython, script, heapsize="64K").stdout) < 64 * 1024

"""make fuzz: hostile dialogues in as many processes as there are cores.

Dialogue N of seed S is always the same: --only N prints it. The exit status is 1 if a property did
not hold.
"""

import argparse
import sys
import time

from host_tests.fuzz.run import Failed, Run, Settings, transcript

_SHOWN = 3  # transcripts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=200000, help="how many dialogues")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    parser.add_argument("--only", type=int, help="play one dialogue and print it")
    parser.add_argument("--jobs", type=int, default=0, help="processes; 0: one for each core")
    parser.add_argument("--most", type=int, default=20, help="stop after so many that fail")
    parser.add_argument("--fault", default="", help="plant one of faults.py, to see it found")
    return parser.parse_args()


def _show(done: int, run: Run, began: float) -> None:
    rate = done / (time.monotonic() - began)
    counts = " ".join(f"{name} {count}" for name, count in sorted(run.results.items()))
    total = run.settings.dialogues
    line = f"{done} of {total} dialogues, {rate:.0f}/s, {len(run.failed)} fail; {counts}"
    if sys.stderr.isatty():
        print("\r" + line[:110].ljust(110), end="", file=sys.stderr, flush=True)
    elif done == run.settings.dialogues or not done % 20000:
        print(line, file=sys.stderr, flush=True)


def _report(settings: Settings, failed: list[Failed]) -> None:
    by_kind: dict[str, list[Failed]] = {}
    for each in failed:
        by_kind.setdefault(each.kind(), []).append(each)
    shown = sorted(by_kind.items(), key=lambda pair: -len(pair[1]))
    for kind, group in shown[:_SHOWN]:
        print(f"\n--- dialogue {group[0].number}: {kind}")
        print(transcript(settings, group[0].number))
    print()
    for kind, group in shown:
        numbers = ", ".join(str(each.number) for each in group[:6])
        print(f"{len(group):6} {kind}  ({numbers})")


def main() -> int:
    """Run; return the exit status."""
    args = _arguments()
    settings = Settings(args.seed, args.first, args.count, args.jobs, args.most, args.fault)
    if args.only is not None:
        told = transcript(settings, args.only)
        print(told)
        return not told.endswith("all properties hold")
    print(f"seed {args.seed}, {args.count} dialogues from {args.first} on", file=sys.stderr)
    began = time.monotonic()
    run = Run(settings)
    for done in run.play():
        _show(done, run, began)
    print(file=sys.stderr)
    if run.failed:
        _report(settings, run.failed)
        print(f"\n{len(run.failed)} of {run.done} dialogues fail; see one: ", end="")
        print(f'make fuzz ARGS="--seed {args.seed} --only {run.failed[0].number}"')
        return 1
    print(f"{run.done} dialogues, no property violated, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench`: answer every question, write RESULTS.md. `python -m bench limits`: print one section."""

import argparse
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import page
from bench.measure import last_line

SIZED = ("quality", "duplicates", "steps", "reporting")
"""Those whose number of texts can be chosen."""
QUESTIONS = (
    "stages",
    "reading",
    "scaling",
    *SIZED,
    "contamination",
    "embedding",
    "noise",
    "cleanlab",
    "diffing",
    "limits",
)
RESULTS = Path(__file__).with_name("RESULTS.md")

HEAD = """# What prefq costs

Written by `make bench`. All figures of one run, side by side on one machine. *CPU* is user and system time over all
threads: other work on the machine changes it less than *wall*, which is what a person waits. Memory is the peak of the
process."""


def main() -> int:
    """Answer one question here, or all of them, each in a process of its own.

    When one cannot be answered, the others are printed, the file stays as it was and 1 is returned.
    """
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("question", nargs="?", choices=QUESTIONS, help="print this section only")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works; writes no file")
    parser.add_argument("--rows", type=int, help=f"so many answers or records for {', '.join(SIZED)}; writes no file")
    options = parser.parse_args()
    if options.question:
        sizes = {"rows": options.rows} if options.rows and options.question in SIZED else {}
        print(importlib.import_module(f"bench.{options.question}").answer(options.quick, **sizes))
        return 0
    load = os.getloadavg()[0]
    passed = [*(["--quick"] if options.quick else []), *(["--rows", str(options.rows)] if options.rows else [])]
    sections = [answered(question, passed) for question in QUESTIONS]
    text = "\n".join([f"{HEAD}\n\n{page.machine(load)}\n", *(text for text, _ in sections)])
    whole = all(ok for _, ok in sections)
    if passed or not whole:
        print(text)
    else:
        RESULTS.write_text(text, encoding="utf-8")
        print(f"{RESULTS} is written", file=sys.stderr)
    return 0 if whole else 1


def answered(question: str, options: Sequence[str]) -> tuple[str, bool]:
    """A section, measured in a fresh process so that none bears what another has loaded; and whether it succeeded."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench", question, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=RESULTS.parents[1])
    print(f"{question:<14}{time.perf_counter() - started:.0f} s", file=sys.stderr)
    if done.returncode == 0:
        return done.stdout.rstrip() + "\n", True
    print(done.stderr, file=sys.stderr)
    return page.section(f"Not measured: {question}", last_line(done.stderr)), False


if __name__ == "__main__":
    sys.exit(main())

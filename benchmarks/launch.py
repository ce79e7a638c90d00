"""Starts one command and writes what it used: a process of its own, so that no memory but the command's is counted.

The kernel hands a process's peak memory on to the program that it becomes, and a benchmark holds more than the
connector. This script imports next to nothing.
"""

import json
import os
import sys
import time


def main() -> None:
    """Take the file for the figures, the core to stay on (or -1), and the command; exit as it exits."""
    figures, core, *command = sys.argv[1:]
    if int(core) >= 0:
        os.sched_setaffinity(0, {int(core)})
    began = time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    used = {
        "began": began,
        "wall_seconds": time.monotonic() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_megabytes": usage.ru_maxrss / 1024,
    }
    with open(figures, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would be the largest thing in memory
        json.dump(used, file)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""No file names a folder of the machine that it was written on.

Usage: check_paths.py ROOT. Looks at what git tracks; in a tree without git, at everything that is not
built. Binary files are skipped.
"""
import os
import pathlib
import re
import subprocess
import sys

# Put together, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.}~-])/(?:home|root|work|Users|mnt)/[\w.-]+")
NOT_OURS = {".git", "build", "runs", "data", ".cache", "__pycache__"}


def tracked(root: pathlib.Path) -> list[pathlib.Path]:
    # safe.directory: a checkout may belong to another user than the one that runs the tests.
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"]
    try:
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        paths = [root / name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in NOT_OURS]
            paths += [pathlib.Path(folder) / name for name in names]
    return [path for path in paths if path.is_file()]


def problems_in(text: str) -> list[tuple[int, str]]:
    """(line number, path) of every path of a machine."""
    return [
        (number, match.group())
        for number, line in enumerate(text.splitlines(), 1)
        for match in MACHINE_PATH.finditer(line)
    ]


def self_test() -> None:
    planted = "see /" + "home/ada/x\nok ./build/root/x, https://a.org/" + 'work/x\n"/' + "work/here"
    found = problems_in(planted)
    assert found == [(1, "/" + "home/ada"), (3, "/" + "work/here")], found


def main() -> int:
    self_test()
    root = pathlib.Path(sys.argv[1]).resolve()
    paths = tracked(root)
    problems = []
    for path in paths:
        data = path.read_bytes()
        if b"\0" in data:
            continue
        for number, name in problems_in(data.decode("utf-8", errors="replace")):
            problems.append(f"{path.relative_to(root)}:{number}: {name} is a path of one machine")
    print("\n".join(problems))
    print(f"{len(paths)} files read, {len(problems)} paths of a machine")
    return 1 if problems or not paths else 0


if __name__ == "__main__":
    sys.exit(main())

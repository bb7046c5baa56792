#!/usr/bin/env python3
"""Compiles every source, and every header, on its own: what one lacks, another in front of it may have included.

usage: compile_alone.py CMAKE SOURCE BUILD

Configures SOURCE in BUILD without a unity build, and has the compiler look at each file with the options that it is
built with. A header has those of a source in its folder. Exit code 1 where one does not compile.
"""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDERS = ("kernels", "cuda", "host", "memory_store")
# CUDA, or what stands for it.
NEEDS_SIMT = re.compile(r"[.]cuh$|_on(_state)?[.]hpp$")


def arguments_of(command):
    """Of an entry of compile_commands.json, without what it writes and what is included before."""
    words = shlex.split(command["command"])
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-include"):
            skip = True
        elif word not in ("-c", "-Winvalid-pch") and word != command["file"]:
            kept.append(word)
    return kept


def problem_of(arguments, file, directory, before=()):
    """What the compiler says, or None. `before`: headers that are included first."""
    text = "".join(f'#include "{included}"\n' for included in (*before, file))
    # That a type of one source alone is a member of another is a warning where the source is included, as here.
    done = subprocess.run([*arguments, "-Wno-subobject-linkage", "-fsyntax-only", "-x", "c++", "-"], cwd=directory, input=text, capture_output=True,
                          text=True)
    return None if done.returncode == 0 else done.stderr


def jobs_of(source, commands):
    """(arguments, file, directory, before) of each file of the project, once."""
    of_folder, seen = {}, set()
    for command in commands:
        file = Path(command["file"])
        if not file.is_relative_to(source) or file.suffix != ".cpp" or file in seen:
            continue
        if file.is_relative_to(command["directory"]):
            continue  # generated
        seen.add(file)
        arguments = arguments_of(command)
        of_folder.setdefault(file.parent, (arguments, command["directory"]))
        yield arguments, file, command["directory"], ()
    for folder in FOLDERS:
        for header in sorted((source / folder).rglob("*")):
            if header.suffix not in (".hpp", ".cuh") or "<cuda_runtime.h>" in header.read_text():
                continue  # the toolkit's headers may not be there
            place = next((p for p in header.parents if p in of_folder), source / "host" / "engine")
            arguments, directory = of_folder[place]
            simt = NEEDS_SIMT.search(header.name)
            yield arguments, header, directory, (source / "tests/simt/simt.hpp",) if simt else ()


def main():
    cmake, source, build = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    subprocess.run([cmake, "--preset", "release", "-B", str(build), "-DCMAKE_UNITY_BUILD=OFF", "-DSHARPWAVE_CUDA=OFF"],
                   cwd=source, check=True, stdout=subprocess.DEVNULL)
    jobs = list(jobs_of(source, json.loads((build / "compile_commands.json").read_text())))
    if len(jobs) < 100:
        sys.exit(f"{len(jobs)} files found in {source}; expected hundreds")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [p for p in pool.map(lambda job: problem_of(*job), jobs) if p]
    for problem in problems:
        print(problem)
    print(f"{len(jobs)} files, {len(problems)} do not compile alone")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

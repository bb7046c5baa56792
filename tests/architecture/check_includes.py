#!/usr/bin/env python3
"""Checks the direction of includes: ARCHITECTURE.md, "The folders", is the table that this repeats. And that
a source file includes the header of its name before all others.

Usage: check_includes.py ROOT. Prints every violation as file:line and exits with 1 if there is one.
"""
import pathlib
import re
import sys

SUFFIXES = {".hpp", ".inc", ".cpp", ".cu", ".cuh"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>)')

# Folder -> folders of this repository that it may include.
MAY_INCLUDE = {
    "kernels": {"kernels"},
    "cuda": {"cuda", "kernels"},
    "host": {"host", "kernels"},
    "memory_store": {"memory_store", "kernels"},
}
UNRESTRICTED = ["tests", "benchmarks", "docs", "profiling"]
# Single headers beyond that, by including folder.
PUBLIC_HEADERS = {
    "host": {"memory_store/memory_store.hpp", "memory_store/consolidation_plugin.h",
             # What operators are told of it, and a run's use of a store that the service has open.
             "memory_store/operator_json.hpp", "memory_store/plugin/session.hpp"},
    # The library sharpwave_base: errors, digests, JSON, keys of random streams, files.
    "memory_store": {"host/base/error.hpp", "host/base/json.hpp", "host/base/sha256.hpp", "host/base/stream_key.hpp",
                     "host/io/atomic_file.hpp", "host/io/file_descriptor.hpp", "host/io/folder.hpp"},
}
# The launchers of cuda/ are known to this many files of host/, so that everything else is plain host code.
MAX_HOST_FILES_THAT_KNOW_CUDA = 1

# Where only the standard library may be included from outside. C++20, [headers].
STANDARD_ONLY = {"kernels"}
# Of the compiler itself: vector intrinsics, behind #if and with a plain loop beside them.
COMPILER_HEADERS = {"immintrin.h"}
STANDARD_HEADERS = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
    cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp
    csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception
    execution filesystem format forward_list fstream functional future initializer_list iomanip ios iosfwd
    iostream istream iterator latch limits list locale map memory memory_resource mutex new numbers numeric
    optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex
    source_location span sstream stack stdexcept stop_token streambuf string string_view strstream
    syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version""".split()
)


def sources(root: pathlib.Path):
    for folder in [*MAY_INCLUDE, *UNRESTRICTED]:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield folder, path


def quoted_problem(root: pathlib.Path, folder: str, name: str) -> str | None:
    """What is wrong with `#include "name"` in `folder`, None if nothing."""
    if ".." in name.split("/") or not (root / name).is_file():
        return f'"{name}" is no file under the repository root, from where includes are written'
    target = name.split("/")[0]
    allowed = MAY_INCLUDE.get(folder)
    if allowed is None or target in allowed or name in PUBLIC_HEADERS.get(folder, ()):
        return None
    if folder == "host" and target == "cuda":
        return None  # counted by check()
    return f'{folder}/ may include {", ".join(sorted(allowed))} only, not "{name}"'


def header_of(root: pathlib.Path, path: pathlib.Path) -> str | None:
    """The header of the same name, as it is included, where `path` is a .cpp that has one."""
    header = path.with_suffix(".hpp")
    return header.relative_to(root).as_posix() if path.suffix == ".cpp" and header.is_file() else None


def check(root: pathlib.Path) -> tuple[list[str], int]:
    """Returns the violations and the number of includes seen."""
    problems: list[str] = []
    n_includes = 0
    knows_cuda: list[str] = []
    for folder, path in sources(root):
        where = path.relative_to(root).as_posix()
        own_header = header_of(root, path) if folder in MAY_INCLUDE else None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            n_includes += 1
            quoted, angled = match.groups()
            if own_header and quoted != own_header:
                problems.append(f'{where}:{number}: "{own_header}" comes first, so that it is known to compile alone')
            own_header = None
            if quoted is not None:
                problem = quoted_problem(root, folder, quoted)
                if problem:
                    problems.append(f"{where}:{number}: {problem}")
                elif folder == "host" and quoted.startswith("cuda/") and where not in knows_cuda:
                    knows_cuda.append(where)
            elif (root / angled).is_file():
                problems.append(f"{where}:{number}: <{angled}> is ours: write it in quotes")
            elif folder in STANDARD_ONLY and angled not in STANDARD_HEADERS | COMPILER_HEADERS:
                problems.append(f"{where}:{number}: {folder}/ may use the standard library only, not <{angled}>")
    if len(knows_cuda) > MAX_HOST_FILES_THAT_KNOW_CUDA:
        problems.append(
            f"host/ may include cuda/ from {MAX_HOST_FILES_THAT_KNOW_CUDA} file, not from "
            + ", ".join(knows_cuda)
        )
    return problems, n_includes


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    problems, n_includes = check(root)
    print("\n".join(problems))
    print(f"{n_includes} includes read, {len(problems)} against the rules")
    return 1 if problems or n_includes == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""No weak functions in objects that are compiled for more than the baseline instruction set.

An inline function or template that such an object emits is weak: the linker keeps one copy for the whole
program, and if it keeps the AVX-512 one, the program dies on a processor without. Code in these files has
to be in an unnamed namespace, or inlined entirely.

Usage: check_weak_symbols.py NM ROOT ARCHIVE
"""
import pathlib
import subprocess
import sys

STEM_SUFFIX = "_avx512"


def weak_functions(nm: str, archive: str) -> dict[str, list[str]]:
    """Source name -> weak functions, for the members of the archive above the baseline.

    nm calls a weak function W; V and u are data (run-time type information), of which any copy will do.
    """
    output = subprocess.run([nm, "-C", archive], check=True, capture_output=True, text=True).stdout
    found: dict[str, list[str]] = {}
    source = ""
    for line in output.splitlines():
        if line.endswith(".o:"):
            source = line.removesuffix(".o:")
            if source.endswith(f"{STEM_SUFFIX}.cpp"):
                found[source] = []
        elif source in found and " W " in line:
            found[source].append(line.split(" W ", 1)[1])
    return found


def main() -> int:
    nm, root, archive = sys.argv[1:]
    sources = sorted(
        path
        for folder in ("host", "kernels", "memory_store")
        for path in (pathlib.Path(root) / folder).rglob(f"*{STEM_SUFFIX}.cpp")
    )
    found = weak_functions(nm, archive)
    problems = [f"{path}: no object of it in {archive}" for path in sources if path.name not in found]
    for source, functions in found.items():
        problems += [f"{source}: weak function {name}" for name in functions]
    print("\n".join(problems))
    print(f"{len(sources)} sources and {len(found)} objects with more than the baseline instruction set")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

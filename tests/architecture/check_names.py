#!/usr/bin/env python3
"""Checks that no two headers define a type of the same name in the same namespace: the linker would take one
of them for both, and say nothing.

Usage: check_names.py ROOT. Prints every violation as file:line and exits with 1 if there is one.
"""
import pathlib
import re
import sys

FOLDERS = ["kernels", "cuda", "host", "memory_store"]
NAMESPACE = re.compile(r"^(?:inline )?namespace ([\w:]+) \{")
DEFINITION = re.compile(r"^(?:struct|class|union|enum class|enum) (?:alignas\(\w+\) )?(\w+)(?: final)?(?: : [^;]*)? ?\{")


def definitions(text: str):
    """Line, namespace and name of each type that is defined outside of all others."""
    inside: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := NAMESPACE.match(line):
            inside.append(match.group(1))
        elif line.startswith("}  // namespace") and inside:
            inside.pop()
        elif match := DEFINITION.match(line):
            yield number, "::".join(inside), match.group(1)


def check(root: pathlib.Path) -> tuple[list[str], int]:
    """Returns the violations and the number of types seen."""
    seen: dict[tuple[str, str], str] = {}
    problems, n_types = [], 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".hpp", ".cuh"} or "node_modules" in path.parts:
                continue
            where = path.relative_to(root).as_posix()
            for number, namespace, name in definitions(path.read_text(encoding="utf-8")):
                n_types += 1
                first = seen.setdefault((namespace, name), where)
                if first != where:
                    problems.append(f"{where}:{number}: {namespace}::{name} is another type in {first}")
    return problems, n_types


def main() -> int:
    problems, n_types = check(pathlib.Path(sys.argv[1]))
    print("\n".join(problems))
    print(f"{n_types} types, {len(problems)} defined twice")
    return 1 if problems or n_types == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

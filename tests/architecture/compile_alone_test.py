#!/usr/bin/env python3
"""usage: compile_alone_test.py COMPILER: compile_alone.py finds a file that lacks an include, and passes one that does not."""
import sys
import tempfile
from pathlib import Path

from compile_alone import arguments_of, problem_of


def main():
    compiler = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "first.hpp")
        first.write_text("#include <vector>\n")
        for name in ("file.cpp", "file.hpp"):
            file = Path(folder, name)
            for text, before, is_whole in (("#include <vector>\n", (), True), ("", (), False), ("", (first,), True)):
                file.write_text(f"#pragma once\n{text}inline std::vector<int> list;\n")
                command = {"command": f"{compiler} -std=c++20 -Wall -Werror -include {first} -o x.o -c {file}", "file": str(file)}
                problem = problem_of(arguments_of(command), file, folder, before)
                if (problem is None) != is_whole:
                    sys.exit(f"{name} with '{text.strip()}' and {before} before it: {problem}")
    print("all as expected")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""usage: compile_alone_test.py COMPILER: compile_alone.py finds a file that lacks an include, and passes one that does not."""
import sys
import tempfile
from pathlib import Path

from compile_alone import arguments_of, problem_of


def main():
    compiler = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        whole, lacking = Path(folder, "whole.cpp"), Path(folder, "lacking.cpp")
        whole.write_text("#include <vector>\nstd::vector<int> list;\n")
        lacking.write_text("std::vector<int> list;\n")
        Path(folder, "first.hpp").write_text("#include <vector>\n")
        for file, is_whole in ((whole, True), (lacking, False)):
            command = {"command": f"{compiler} -std=c++20 -include {folder}/first.hpp -o x.o -c {file}", "file": str(file)}
            problem = problem_of(arguments_of(command), file, folder)
            if (problem is None) != is_whole:
                sys.exit(f"{file.name}: {problem}")
    print("both as expected")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Plants violations of the include rules in a scratch tree and expects check_includes to find each."""
import pathlib
import tempfile
import unittest

import check_includes


class CheckIncludes(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.root = pathlib.Path(self._folder.name)
        for name in [
            "kernels/a.hpp",
            "cuda/launch.hpp",
            "host/engine/engine.hpp",
            "memory_store/memory_store.hpp",
            "memory_store/log.hpp",
        ]:
            self.write(name, "#include <cstdint>\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def problems(self, name, text):
        self.write(name, text)
        found, _ = check_includes.check(self.root)
        self.assertTrue(all(name in problem for problem in found), found)
        return len(found)

    def test_the_allowed_directions_pass(self):
        self.write("kernels/b.hpp", '#include "kernels/a.hpp"\n#include <cmath>\n')
        self.write("cuda/l.cu", '#include "kernels/a.hpp"\n#include "cuda/launch.hpp"\n#include <cub/cub.cuh>\n')
        self.write("host/io/h.cpp", '#include "host/engine/engine.hpp"\n#include <hdf5.h>\n')
        self.write("host/m.cpp", '#include "memory_store/memory_store.hpp"\n#include "kernels/a.hpp"\n')
        self.write("host/engine/cuda_engine.cpp", '#include "cuda/launch.hpp"\n')
        self.write("memory_store/s.cpp", '#include "memory_store/log.hpp"\n#include "kernels/a.hpp"\n')
        self.write("tests/t.cpp", '#include "memory_store/log.hpp"\n#include "cuda/launch.hpp"\n')
        self.assertEqual(check_includes.check(self.root), ([], 19))

    def test_kernels_know_nothing_else_of_ours(self):
        self.assertEqual(self.problems("kernels/b.hpp", '#include "host/engine/engine.hpp"\n'), 1)
        self.assertEqual(self.problems("kernels/b.hpp", '  #  include "cuda/launch.hpp"\n'), 1)

    def test_kernels_use_the_standard_library_only(self):
        self.assertEqual(self.problems("kernels/b.hpp", "#include <hdf5.h>\n#include <math.h>\n"), 2)

    def test_cuda_does_not_know_the_host(self):
        self.assertEqual(self.problems("cuda/b.cu", '#include "host/engine/engine.hpp"\n'), 1)

    def test_the_store_does_not_know_the_host(self):
        self.assertEqual(self.problems("memory_store/b.hpp", '#include "host/engine/engine.hpp"\n'), 1)

    def test_the_host_sees_the_store_by_its_public_header(self):
        self.assertEqual(self.problems("host/b.cpp", '#include "memory_store/log.hpp"\n'), 1)

    def test_the_product_does_not_know_the_tests(self):
        self.write("tests/t.hpp", "")
        self.assertEqual(self.problems("host/b.cpp", '#include "tests/t.hpp"\n'), 1)

    def test_includes_are_rooted_at_the_repository(self):
        self.assertEqual(self.problems("host/engine/b.cpp", '#include "engine.hpp"\n'), 1)
        self.assertEqual(self.problems("host/engine/b.cpp", '#include "../engine/engine.hpp"\n'), 1)
        self.assertEqual(self.problems("host/engine/b.cpp", '#include "host/missing.hpp"\n'), 1)

    def test_ours_are_written_in_quotes(self):
        self.assertEqual(self.problems("host/b.cpp", "#include <kernels/a.hpp>\n"), 1)

    def test_a_source_includes_its_own_header_first(self):
        self.write("host/b.hpp", "")
        self.assertEqual(self.problems("host/b.cpp", '#include <cmath>\n#include "host/b.hpp"\n'), 1)
        self.assertEqual(self.problems("host/b.cpp", '#include "host/b.hpp"\n#include <cmath>\n'), 0)

    def test_one_file_of_the_host_knows_cuda(self):
        self.write("host/a.cpp", '#include "cuda/launch.hpp"\n')
        self.assertEqual(self.problems("host/b.cpp", '#include "cuda/launch.hpp"\n'), 1)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""The check of names finds what is planted, and nothing else."""
import pathlib
import tempfile
import unittest

import check_names


class Names(unittest.TestCase):
    def problems(self, **files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "host").mkdir()
            for name, text in files.items():
                (root / "host" / f"{name}.hpp").write_text(text)
            return check_names.check(root)

    def test_a_type_twice_in_a_namespace(self):
        problems, n_types = self.problems(
            a="namespace sharpwave {\nstruct Place {\n};\n}  // namespace sharpwave\n",
            b="namespace sharpwave {\nclass Place final : public Base {\n};\n}  // namespace sharpwave\n")
        self.assertEqual(problems, ["host/b.hpp:2: sharpwave::Place is another type in host/a.hpp"])
        self.assertEqual(n_types, 2)

    def test_other_namespaces_declarations_and_members_are_no_fault(self):
        problems, n_types = self.problems(
            a="namespace sharpwave {\nstruct Place;\nstruct Outer {\n  struct Place {\n  };\n};\n}  // namespace sharpwave\n",
            b="namespace sharpwave::bench {\nstruct Place {\n};\n}  // namespace sharpwave::bench\n",
            c="namespace sharpwave {\nnamespace device {\nstruct Place {\n};\n}  // namespace device\nstruct Place {\n};\n}  // namespace sharpwave\n")
        self.assertEqual(problems, [])
        self.assertEqual(n_types, 4)


if __name__ == "__main__":
    unittest.main()

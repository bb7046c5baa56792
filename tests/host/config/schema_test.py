#!/usr/bin/python3
"""Every shipped config validates against the schema with a validator that is not ours; faulty ones do not.

Usage: schema_test.py SHARPWAVE SOURCE_ROOT
"""
import json
import pathlib
import subprocess
import sys
import unittest

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"SKIPPED: {error}; install python3-jsonschema and python3-yaml", file=sys.stderr)
    sys.exit(77)

SHARPWAVE, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = subprocess.run([SHARPWAVE, "schema"], stdout=subprocess.PIPE, check=True, text=True).stdout
        cls.text, cls.schema = text, json.loads(text)
        jsonschema.Draft7Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft7Validator(cls.schema)

    def faults(self, text):
        return list(self.validator.iter_errors(yaml.safe_load(text)))

    def test_the_committed_schema_is_current(self):
        self.assertEqual((ROOT / "configs" / "schema.json").read_text(), self.text)

    def test_it_is_small_and_every_definition_is_used(self):
        self.assertLess(len(self.text), 120_000)
        for name in self.schema["definitions"]:
            with self.subTest(name):
                self.assertIn(f'"#/definitions/{name}"', self.text)

    def test_every_shipped_config_is_valid(self):
        configs = sorted((ROOT / "configs").rglob("*.yaml"))
        self.assertGreater(len(configs), 8)
        for config in configs:
            with self.subTest(config.name):
                self.assertEqual(self.faults(config.read_text()), [])

    def test_every_shipped_config_names_the_schema(self):
        for config in sorted((ROOT / "configs").glob("*.yaml")):  # not what `sharpwave export` made
            with self.subTest(config.name):
                self.assertEqual(config.read_text().splitlines()[0], "# yaml-language-server: $schema=schema.json")

    def test_what_the_program_refuses_is_refused(self):
        good = "simulation: {duration: 10}\npopulations: {E: {size: 5, model: iaf_psc_exp}}\n"
        self.assertEqual(self.faults(good), [])
        for bad in [
            "simulation: {duration: 10}\n",  # no populations
            "populations: {E: {size: 5}}\n",  # no simulation
            good + "inputz: []\n",
            good.replace("duration: 10", "duration: -1"),
            good.replace("duration: 10", "duration: ten"),
            good.replace("size: 5", "size: 0"),
            good.replace("size: 5", "size: 2.5"),
            good.replace("iaf_psc_exp", "iaf_psc_expp"),
            good + "inputs: [{type: poison, target: E}]\n",
            good + "inputs: [{type: poisson}]\n",
            good + "projections: [{source: E, target: E, rule: all_to_all, delay: {normal: {mean: 1}}}]\n",
            good + "projections: [{source: E, rule: all_to_all}]\n",
            good.replace("iaf_psc_exp", "iaf_psc_exp, params: {V_thh: -50}"),
            good.replace("iaf_psc_exp", "iaf_psc_exp, params: {C_m: 0}"),
            good.replace("iaf_psc_exp", "iaf_psc_exp, params: {I_e: {normal: {mean: 1, std: 2}}}"),
            good.replace("iaf_psc_exp", "iaf_psc_exp, initial: {V_m: {uniform: {low: -70}}}"),
            good + "population_defaults: {params: {tau_m: -1}}\n",
            good + "inputs: [{type: poisson, target: E, rate: {times: [0], values: [1]}, weight: 1}]\n",
            good + "record: {traces: [{name: a, variables: [V_m]}]}\n",
            good + "record: {spikes: {E: true}}\n",
            good + "device: {kind: cpu, threads: -1}\n",
            good + "network: {sonata: net.json, poisson_sources: {p: -1}}\n",
        ]:
            with self.subTest(bad):
                self.assertNotEqual(self.faults(bad), [])
                done = subprocess.run([SHARPWAVE, "validate", "/dev/stdin"], input=bad, text=True,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
                self.assertEqual(done.returncode, 3)

    def test_expressions_distributions_and_lists_are_accepted(self):
        for good in [
            "simulation: {duration: '${T}'}\nparameters: {T: 10}\npopulations: {E: {size: '${T}', model: parrot}}\n",
            "network: {sonata: net.json}\n",
            "network: {sonata: net.json, poisson_sources: {p: {times: [0, 5], rates: [1, 2]}}}\n",
        ]:
            with self.subTest(good):
                self.assertEqual(self.faults(good), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

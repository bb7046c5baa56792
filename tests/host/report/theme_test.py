#!/usr/bin/env python3
"""host/report/page/src/theme.css: text can be read, and colours can be told apart, as the comment there says.

Contrast as of WCAG 2.2, colours in CIELAB (D65), defects of vision by Machado, Oliveira & Fernandes 2009,
doi:10.1109/TVCG.2009.113, table of severity 1.0.
"""
import itertools
import math
import pathlib
import re
import unittest

THEME = pathlib.Path(__file__).resolve().parents[3] / "host" / "report" / "page" / "src" / "theme.css"
DEFECTS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def times(matrix, vector):
    return tuple(sum(a * b for a, b in zip(row, vector)) for row in matrix)


def linear(text):
    values = [int(text[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    return tuple(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)


def lab(rgb):
    xyz = times(XYZ, [min(max(v, 0.0), 1.0) for v in rgb])
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (v / w for v, w in zip(xyz, WHITE)))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(a, b):
    light, dark = sorted((times(XYZ, linear(c))[1] for c in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def least_distance(colours, defect=None):
    places = [lab(times(DEFECTS[defect], linear(c)) if defect else linear(c)) for c in colours]
    return min(math.dist(a, b) for a, b in itertools.combinations(places, 2))


class ThemeTest(unittest.TestCase):
    def setUp(self):
        text = re.sub(r"/\*.*?\*/", "", THEME.read_text(encoding="utf-8"), flags=re.DOTALL)
        blocks = re.findall(r'^(:root(?:\[data-theme="dark"\])?) \{(.*?)\}', text, re.DOTALL | re.MULTILINE)
        self.themes = {name: dict(re.findall(r"--(\w+): (#\w{6});", body)) for name, body in blocks}
        self.assertEqual(2, len(self.themes))

    def each(self):
        for name, theme in self.themes.items():
            with self.subTest(name):
                yield theme

    def family(self, theme, letter, n):
        colours = [theme[f"{letter}{k}"] for k in range(n)]
        self.assertNotIn(f"{letter}{n}", theme)
        return colours

    def test_the_themes_have_the_same_names(self):
        light, dark = self.themes.values()
        self.assertEqual(list(light), list(dark))

    def test_text_can_be_read(self):
        for theme in self.each():
            for text in ("ink", "ink2", "faint", "accent", "warn", "alert"):
                for ground in ("page", "card", "plot"):
                    self.assertGreaterEqual(contrast(theme[text], theme[ground]), 4.5, (text, ground))

    def test_populations_can_be_told_apart(self):
        for theme in self.each():
            colours = self.family(theme, "p", 24)
            for colour in colours:
                for ground in ("card", "plot"):
                    self.assertGreaterEqual(contrast(colour, theme[ground]), 3, (colour, ground))
            self.assertGreaterEqual(least_distance(colours), 24)
            self.assertGreaterEqual(least_distance(colours[:8]), 37)
            for defect in DEFECTS:
                self.assertGreaterEqual(least_distance(colours, defect), 11, defect)
                self.assertGreaterEqual(least_distance(colours[:8], defect), 13, defect)

    def test_spikes_can_be_seen_in_a_ripple_and_the_ripple_too(self):
        for theme in self.each():
            for colour in self.family(theme, "p", 24):
                self.assertGreaterEqual(contrast(colour, theme["ripple"]), 2.3, colour)
            self.assertGreaterEqual(math.dist(*(lab(linear(theme[ground])) for ground in ("ripple", "plot"))), 12)

    def test_runs_can_be_told_apart(self):
        for theme in self.each():
            colours = self.family(theme, "r", 6)
            for colour in colours:
                self.assertGreaterEqual(contrast(colour, theme["card"]), 3, colour)
            self.assertGreaterEqual(least_distance(colours), 24)
            for defect in DEFECTS:
                self.assertGreaterEqual(least_distance(colours, defect), 11, defect)

    def test_colours_are_what_they_are_known_to_be(self):
        self.assertAlmostEqual(contrast("#000000", "#ffffff"), 21, places=3)
        for text, expected in (("#ffffff", (100, 0, 0)), ("#ff0000", (53.24, 80.09, 67.20)), ("#777777", (50.03, 0, 0))):
            for found, value in zip(lab(linear(text)), expected):
                self.assertAlmostEqual(found, value, delta=0.02)


if __name__ == "__main__":
    unittest.main()

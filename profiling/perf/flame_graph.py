#!/usr/bin/env python3
"""Draws what `perf script` prints as a flame graph (SVG): width is the share of samples, callers are below.

Usage: perf script | flame_graph.py > flame.svg
"""

import html
import sys

WIDTH, ROW = 1200, 17
NARROWEST = 0.5  # pixels; what is narrower is not drawn


def read_stacks(lines):
    """Stacks of function names, outermost first."""
    stack, command = [], ""
    for line in lines:
        if not line.strip():
            if stack:
                yield [command, *reversed(stack)]
            stack = []
        elif line[0].isspace():
            # "  55d0c2 name(arguments)+0x1f (/path/of/binary)"
            name = line.strip().split(" ", 1)[-1].rsplit(" (", 1)[0]
            stack.append(name.rsplit("+0x", 1)[0])
        else:
            command = line.split()[0]
    if stack:
        yield [command, *reversed(stack)]


def tree_of(stacks):
    root = {"name": "all", "n": 0, "children": {}}
    for stack in stacks:
        root["n"] += 1
        node = root
        for name in stack:
            node = node["children"].setdefault(name, {"name": name, "n": 0, "children": {}})
            node["n"] += 1
    return root


def depth_of(node):
    return 1 + max((depth_of(child) for child in node["children"].values()), default=0)


def draw(node, x, level, depth, total, out):
    width = WIDTH * node["n"] / total
    if width < NARROWEST:
        return
    y = (depth - 1 - level) * ROW
    hue = 20 + sum(map(ord, node["name"])) % 35
    share = 100 * node["n"] / total
    name = html.escape(node["name"])
    text = html.escape(node["name"][: int(width / 6.5)]) if width > 25 else ""
    out.append(f'<g><title>{name}: {share:.1f} %</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
               f'height="{ROW - 1}" fill="hsl({hue} 80% 62%)"/><text x="{x + 3:.1f}" y="{y + 12}">{text}</text></g>')
    for child in sorted(node["children"].values(), key=lambda child: child["name"]):
        draw(child, x, level + 1, depth, total, out)
        x += WIDTH * child["n"] / total


def main():
    root = tree_of(read_stacks(sys.stdin))
    if root["n"] == 0:
        sys.exit("flame_graph.py: no samples; expected the output of `perf script` with call stacks")
    depth = depth_of(root)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{depth * ROW}" '
           'font-family="monospace" font-size="11">']
    draw(root, 0, 0, depth, root["n"], out)
    print("\n".join([*out, "</svg>"]))


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Counters of a run, where its time goes by function, and a flame graph.
# Usage: perf.sh OUT_FOLDER CONFIG [RUN_OPTION...]; SHARPWAVE is the program, build/release/host/cli/sharpwave by default.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${SHARPWAVE:-$here/../../build/release/host/cli/sharpwave}
out=$1
shift
mkdir -p "$out"
run=("$program" run "$@" --quiet --no-report --force --out "$out/run")

# Software's clock where the machine shows no counters, as in most virtual ones.
event=cycles
perf stat -e cycles -- true 2>&1 | grep -q "not supported" && event=cpu-clock
perf stat -d -o "$out/stat.txt" -- "${run[@]}"
perf record -e "$event" -F 499 --call-graph fp -o "$out/perf.data" -- "${run[@]}" 2> "$out/record.txt"
perf report -i "$out/perf.data" --no-children --stdio -g none --percent-limit 0.5 2> "$out/report.err" | sed '/^$/d' > "$out/functions.txt"
perf script -i "$out/perf.data" 2>> "$out/report.err" | "$here/flame_graph.py" > "$out/flame.svg"
grep -v "^#" "$out/functions.txt" | head -15

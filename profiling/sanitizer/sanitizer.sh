#!/usr/bin/env bash
# The CUDA executor under compute-sanitizer's four tools. Usage: sanitizer.sh OUT_FOLDER [CONFIG [RUN_OPTION...]]
# Without CONFIG the tests of the device contract are run, all networks of which are small.
set -euo pipefail
build=$(cd "$(dirname "$0")" && pwd)/../../build/release
out=$1
shift
mkdir -p "$out"
command=("$build/tests/cuda/cuda_test" --gtest_filter=-*ShippedConfigs*)
[[ $# -gt 0 ]] && command=("$build/host/cli/sharpwave" run "$@" --set device=cuda --quiet --no-report --force --out "$out/run")
for tool in memcheck racecheck initcheck synccheck; do
  compute-sanitizer --tool "$tool" --error-exitcode 1 --log-file "$out/$tool.txt" "${command[@]}"
  tail -n 1 "$out/$tool.txt"
done

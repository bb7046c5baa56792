#!/usr/bin/env bash
# The recorded digests from every compiler and build type: builds contract_test with each preset other than the
# caller's and runs it.
# Usage: preset_matrix.sh SOURCE_DIR BUILD_DIR CALLERS_PRESET
set -euo pipefail
source_dir=$1
build_dir=$2
callers_preset=$3
command -v clang++ >/dev/null || { echo "clang++ is needed (apt-get install clang)"; exit 1; }
for preset in release clang dev tsan; do
  if [[ $preset == "$callers_preset" ]]; then continue; fi  # its contract_test is a test of its own
  folder=$build_dir/$preset
  cmake -S "$source_dir" --preset "$preset" -B "$folder" >/dev/null
  cmake --build "$folder" --target contract_test >"$folder/build.log" 2>&1 || { tail -n 40 "$folder/build.log"; exit 1; }
  # Under ThreadSanitizer the thread counts are what matters, and enough.
  filter='*'
  if [[ $preset == tsan ]]; then filter='*AnyNumberOfThreads*:*RecordedSpikes*'; fi
  "$folder/tests/contract/contract_test" --gtest_brief=1 --gtest_filter="$filter"
  echo "$preset: the recorded digests"
done

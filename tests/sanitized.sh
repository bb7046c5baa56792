#!/usr/bin/env bash
# Builds test programs under AddressSanitizer and UndefinedBehaviorSanitizer (preset `asan-ubsan`) and runs their tests.
# Usage: sanitized.sh [TARGET...]
#
# Without targets those that read what comes from outside, and store it: what sanitizers are for before anything else.
# Of all tests: `cmake --preset asan-ubsan && cmake --build --preset asan-ubsan && ctest --preset asan-ubsan`.
set -euo pipefail
targets=("$@")
if ((!${#targets[@]})); then
  targets=(analysis_test batch_test checkpoint_test cli_test config_damage_test config_test io_test memory_store_test
    protocol_test report_data_test run_test signals_test trace_test fuzz_targets)
fi

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
build=$root/build/asan-ubsan
mkdir -p "$build"
(
  flock 9
  cd "$root"
  { cmake --preset asan-ubsan && cmake --build --preset asan-ubsan --target "${targets[@]}"; } >"$build/build.log" 2>&1 || {
    echo "the build failed; the end of $build/build.log:"
    tail -n 40 "$build/build.log"
    exit 1
  }
) 9>"$build/.lock"

# A fuzz target's test is named after it; `fuzz_targets` is all of them.
names=()
for target in "${targets[@]}"; do
  case $target in
    fuzz_targets) names+=('Fuzz[.].*') ;;
    fuzz_*) names+=("Fuzz[.]PastInputs_${target#fuzz_}") ;;
    *) names+=("$target([.][0-9]+)?") ;;
  esac
done
cd "$root"
ctest --preset asan-ubsan -j "$(nproc)" --no-tests=error -R "^($(IFS='|' && echo "${names[*]}"))$"

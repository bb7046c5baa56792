#!/usr/bin/env bash
# Builds the fuzz targets (preset `fuzz`) and runs each of them, or those named, for some seconds.
# Usage: fuzz.sh SECONDS [checkpoint|config|expression|idx|index|item|log_line|manifest|recording|sonata|spikes|weights]...
#
# What it finds new stays in build/fuzz/corpus, so that the next run goes on from there. Exits with 77, which
# ctest shows as skipped, where clang or its runtime is missing.
set -euo pipefail
seconds=$1
shift
targets=("$@")

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$(dirname -- "$(dirname -- "$here")")
build=$root/build/fuzz
mkdir -p "$build"

entry='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
if ! clang++ -fsanitize=fuzzer,address,undefined -x c++ -o /dev/null - <<<"$entry" 2>"$build/runtime.log"; then
  echo "NOT FUZZED: clang++ or its runtime is missing (apt-get install clang libclang-rt-14-dev)"
  exit 77
fi

(
  flock 9
  cd "$root"
  { cmake --preset fuzz && cmake --build --preset fuzz; } >"$build/build.log" 2>&1 || {
    tail -n 40 "$build/build.log"
    exit 1
  }
) 9>"$build/.lock"

if ((!${#targets[@]})); then
  for file in "$root"/tests/fuzz/fuzz_*.cpp; do
    target=$(basename "$file" .cpp)
    # That of the memory store is not there where RocksDB is not.
    if [[ -x $build/tests/fuzz/$target ]]; then targets+=("${target#fuzz_}"); fi
  done
fi

# The files that targets write, in memory where there is room for them.
if [[ -d /dev/shm ]]; then export TMPDIR=/dev/shm; fi
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
export UBSAN_OPTIONS=print_stacktrace=1

for target in "${targets[@]}"; do
  corpus=$build/corpus/$target
  mkdir -p "$corpus" "$build/findings"
  dictionary=$here/$target.dict
  if [[ $target == config ]]; then
    dictionary=$build/config.dict  # every key and every choice
    grep -oE '"[A-Za-z_][A-Za-z0-9_]*"' "$root/configs/schema.json" | sort -u >"$dictionary"
  fi
  # What is used of the memory counts, not what is asked for: libhdf5 asks for what a damaged size says.
  options=(-max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=1048576 -max_len=4096
    -print_final_stats=1 -artifact_prefix="$build/findings/$target-")
  if [[ -e $dictionary ]]; then options+=(-dict="$dictionary"); fi
  log=$build/$target.log
  echo "$target: $seconds s, log in $log"
  if ! "$build/tests/fuzz/fuzz_$target" "${options[@]}" "$corpus" "$here/corpus/$target" \
    >"$log" 2>&1 </dev/null; then
    tail -n 60 "$log"
    echo "$target: a finding; the input is the one that the log names. Once it is understood, keep it in"
    echo "$here/crashers/$target, named after what it is."
    exit 1
  fi
  grep -E '^stat::(number_of_executed_units|peak_rss_mb)' "$log"
done

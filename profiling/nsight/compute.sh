#!/usr/bin/env bash
# One kernel in detail: Nsight Compute over a few launches after the start.
# Usage: compute.sh OUT_FOLDER KERNEL CONFIG [RUN_OPTION...]; KERNEL as in kernels/*.cuh: deliver_spikes, update_neurons
set -euo pipefail
program=${SHARPWAVE:-$(cd "$(dirname "$0")" && pwd)/../../build/release/host/cli/sharpwave}
out=$1 kernel=$2
shift 2
mkdir -p "$out"
# Graphs are taken apart into their kernels; the first launches are of a network at rest.
ncu --kernel-name "regex:$kernel" --launch-skip 2000 --launch-count 5 --graph-profiling node --set full \
  --metrics gpu__time_duration.sum,dram__throughput.avg.pct_of_peak_sustained_elapsed,sm__throughput.avg.pct_of_peak_sustained_elapsed,l1tex__t_set_accesses_pipe_lsu_mem_global_op_atom.sum,sm__warps_active.avg.pct_of_peak_sustained_active \
  --force-overwrite -o "$out/$kernel" \
  "$program" run "$@" --set device=cuda --quiet --no-report --force --out "$out/run"
ncu --import "$out/$kernel.ncu-rep" --page raw --csv > "$out/$kernel.csv"
ncu --import "$out/$kernel.ncu-rep" --page details | tee "$out/$kernel.txt"

#!/usr/bin/env bash
# What the host does, and which kernels run when: Nsight Systems over a run on the GPU.
# Usage: systems.sh OUT_FOLDER CONFIG [RUN_OPTION...]; SHARPWAVE is the program.
set -euo pipefail
program=${SHARPWAVE:-$(cd "$(dirname "$0")" && pwd)/../../build/release/host/cli/sharpwave}
out=$1
shift
mkdir -p "$out"
# Kernels inside graphs one by one: without it a graph of 32 steps is one bar.
nsys profile --trace=cuda,nvtx,osrt --cuda-graph-trace=node --force-overwrite=true -o "$out/systems" \
  "$program" run "$@" --set device=cuda --quiet --no-report --force --out "$out/run"
nsys stats --report nvtx_sum,cuda_gpu_kern_sum,cuda_api_sum --format table "$out/systems.nsys-rep" | tee "$out/systems.txt"

// The baseline: x86-64-v3.
#define SHARPWAVE_KERNELS kCpuKernelsAvx2
#define SHARPWAVE_KERNELS_NAME "avx2"
#include "host/engine/cpu_kernels_body.inc"

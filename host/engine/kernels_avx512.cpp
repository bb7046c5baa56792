// x86-64-v4, chosen at run time; compiled with -march=x86-64-v4.
#define SHARPWAVE_KERNELS kCpuKernelsAvx512
#define SHARPWAVE_KERNELS_NAME "avx512"
#include "host/engine/cpu_kernels_body.inc"

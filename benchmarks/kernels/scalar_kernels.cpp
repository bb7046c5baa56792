#include "benchmarks/kernels/scalar_kernels.hpp"

#define SHARPWAVE_KERNELS kCpuKernelsScalar
#define SHARPWAVE_KERNELS_NAME "scalar"
#include "host/engine/cpu_kernels_body.inc"

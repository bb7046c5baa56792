// The engine's kernels from the same source, for the same processor, by a compiler that may not vectorise.
#pragma once

#include "host/engine/cpu_kernels.hpp"

namespace sharpwave {

extern const CpuKernels kCpuKernelsScalar;

}  // namespace sharpwave

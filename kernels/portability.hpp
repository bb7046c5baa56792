// What lets one source compile as host code, as CUDA, and vectorise well.
#pragma once

#if defined(__CUDACC__)
#define SHARPWAVE_HD __host__ __device__ __forceinline__
#else
#define SHARPWAVE_HD inline __attribute__((always_inline))
#endif

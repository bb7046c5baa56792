// Compiled for x86-64-v4.
#define SHARPWAVE_DIGEST numerics_digest_avx512
#include "tests/kernels/numerics_digest.inc"

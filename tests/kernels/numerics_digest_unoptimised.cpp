// Scalar code: no optimisation.
#define SHARPWAVE_DIGEST numerics_digest_unoptimised
#include "tests/kernels/numerics_digest.inc"

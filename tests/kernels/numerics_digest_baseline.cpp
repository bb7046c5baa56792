// As the product is compiled for its baseline.
#define SHARPWAVE_DIGEST numerics_digest_baseline
#include "tests/kernels/numerics_digest.inc"

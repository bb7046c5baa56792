#pragma once

#include <cstdint>

namespace sharpwave {

struct NumericsDigest {
  struct Entry {
    const char* name;
    std::uint64_t value;
  };
  Entry entries[24];
  int size;
};

NumericsDigest numerics_digest_baseline();
NumericsDigest numerics_digest_unoptimised();
NumericsDigest numerics_digest_avx512();  ///< only where the processor has it

}  // namespace sharpwave

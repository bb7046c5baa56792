// The same bits from scalar, AVX2 and AVX-512 code; and, through the golden values, from every compiler and
// build type that this test is run with.
#include "tests/kernels/numerics_digest.hpp"

#include <gtest/gtest.h>

namespace sharpwave {
namespace {

void expect_equal(const NumericsDigest& a, const NumericsDigest& b) {
  ASSERT_EQ(a.size, b.size);
  for (int k = 0; k < a.size; ++k)
    EXPECT_EQ(a.entries[k].value, b.entries[k].value)
        << a.entries[k].name << " 0x" << std::hex << a.entries[k].value;
}

TEST(NumericsDigest, IsTheSameWithoutOptimisation) {
  expect_equal(numerics_digest_baseline(), numerics_digest_unoptimised());
}

TEST(NumericsDigest, IsTheSameWithAvx512) {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512bw"))
    GTEST_SKIP() << "this processor has no AVX-512";
  expect_equal(numerics_digest_baseline(), numerics_digest_avx512());
}

// Made by this test, g++ 12.2 -O3, x86-64-v3; clang 14 agrees. A change here changes every published digest.
TEST(NumericsDigest, IsTheRecordedOne) {
  const NumericsDigest recorded{{{"philox", 0x405e945216619604U},
                                 {"standard_normal", 0x4a56069cc1b6a737U},
                                 {"exp", 0xa486012ff3c936f3U},
                                 {"expm1", 0x1f33fd1da8347939U},
                                 {"log", 0xf7c6a26b52a1b9aaU},
                                 {"pow", 0xc742067811a7fde8U},
                                 {"delta float", 0x45328a15628c7bfaU},
                                 {"delta double", 0xf6c918283a4cef91U},
                                 {"delta kept float", 0x0381446135c2f780U},
                                 {"exp float", 0xaa2f715952d10ad7U},
                                 {"exp double", 0x0f4208ddce1a092aU},
                                 {"alpha float", 0x908873e4d2f28ad3U},
                                 {"alpha double", 0x34104da00ee650f6U},
                                 {"cond float", 0xf7871b425273aaf4U},
                                 {"cond theta double", 0x2b6f6effbcdf6d35U},
                                 {"aeif float", 0x312819df9759cfe3U},
                                 {"aeif double", 0x05948b76a836ad68U},
                                 {"izhikevich float", 0xcbb8082e85f0b469U},
                                 {"izhikevich 2003 double", 0x9f40eac9d8ef5ba6U},
                                 {"discrete float", 0x1651fd8208f7eff0U},
                                 {"exp of float", 0x484e091c615bb7d6U},
                                 {"sin of turns", 0x1310cd4c2617d94bU},
                                 {"currents", 0xa7662088cd8400fcU},
                                 {"mip", 0xc459657f78e1680fU}},
                                24};
  expect_equal(numerics_digest_baseline(), recorded);
}

}  // namespace
}  // namespace sharpwave

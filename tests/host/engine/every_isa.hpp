// Tests of CpuKernels, which run for every instruction set that the processor has.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/engine/cpu_kernels.hpp"

namespace sharpwave::testing {

class EveryIsa : public ::testing::TestWithParam<const CpuKernels*> {
 protected:
  void SetUp() override {
    if (GetParam() == &kCpuKernelsAvx512 &&
        !(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")))
      GTEST_SKIP() << "SKIPPED: this processor has no AVX-512; its kernels are not tested here";
  }
  [[nodiscard]] static const CpuKernels& kernels() { return *GetParam(); }
};

}  // namespace sharpwave::testing

#include <string>

#include "host/base/environment.hpp"
#include "host/base/error.hpp"
#include "host/engine/cpu_kernels.hpp"

namespace sharpwave {
namespace {

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

const CpuKernels& avx512_kernels() {
  static const CpuKernels with_additions = [] {
    CpuKernels kernels = kCpuKernelsAvx512;
    kernels.pull_int32 = kCpuKernelsAvx2.pull_int32;
    return kernels;
  }();
  return scatters_slowly() ? with_additions : kCpuKernelsAvx512;
}

}  // namespace

bool scatters_slowly() {
  return __builtin_cpu_is("amd");
}

const CpuKernels& select_cpu_kernels() {
  const std::string asked = choice_in_environment("SHARPWAVE_ISA", "avx2", "avx512");
  if (asked.empty()) return has_avx512() ? avx512_kernels() : kCpuKernelsAvx2;
  if (asked == "avx2") return kCpuKernelsAvx2;
  if (!has_avx512())
    throw Error(ExitCode::no_device,
                "SHARPWAVE_ISA=avx512: this processor lacks AVX-512 (F, BW, CD, DQ, VL)");
  return avx512_kernels();
}

}  // namespace sharpwave

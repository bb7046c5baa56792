#include "host/base/cpu_check.hpp"

#include <cpuid.h>
#include <gtest/gtest.h>

#include <string>

namespace sharpwave {
namespace {

// As published in InstLatx64's dumps.
// Intel Core i7-4770 (Haswell), the first generation that has x86-64-v3: cpuid leaves 1, 7, 0x80000001.
constexpr CpuidRegisters kHaswell{
    .leaf_1_ecx = 0x7FFAFBFF, .leaf_7_ebx = 0x000027AB, .extended_1_ecx = 0x00000021, .xcr0 = 0x7};
// Intel Core i7-3770 (Ivy Bridge), the one before: AVX, but neither AVX2, FMA, BMI, LZCNT nor MOVBE.
constexpr CpuidRegisters kIvyBridge{
    .leaf_1_ecx = 0x7FBAE3FF, .leaf_7_ebx = 0x00000281, .extended_1_ecx = 0x00000001, .xcr0 = 0x7};

CpuidRegisters haswell_without(std::uint32_t CpuidRegisters::*where, std::uint32_t mask) {
  CpuidRegisters registers = kHaswell;
  registers.*where &= ~mask;
  return registers;
}

TEST(CpuCheck, AcceptsTheFirstGenerationWithTheBaseline) {
  EXPECT_EQ(missing_feature(kHaswell), nullptr);
}

TEST(CpuCheck, RefusesTheGenerationBeforeByAFeatureThatItLacks) {
  EXPECT_STREQ(missing_feature(kIvyBridge), "AVX2");
}

TEST(CpuCheck, NamesEachFeatureThatIsMissing) {
  struct Case {
    std::uint32_t CpuidRegisters::*where;
    std::uint32_t mask;  // from the compiler's <cpuid.h>; the check has its own table
    const char* name;
  };
  const Case cases[] = {
      {&CpuidRegisters::leaf_1_ecx, bit_SSE3, "SSE3"},
      {&CpuidRegisters::leaf_1_ecx, bit_SSSE3, "SSSE3"},
      {&CpuidRegisters::leaf_1_ecx, bit_FMA, "FMA"},
      {&CpuidRegisters::leaf_1_ecx, bit_CMPXCHG16B, "CMPXCHG16B"},
      {&CpuidRegisters::leaf_1_ecx, bit_SSE4_1, "SSE4.1"},
      {&CpuidRegisters::leaf_1_ecx, bit_SSE4_2, "SSE4.2"},
      {&CpuidRegisters::leaf_1_ecx, bit_MOVBE, "MOVBE"},
      {&CpuidRegisters::leaf_1_ecx, bit_POPCNT, "POPCNT"},
      {&CpuidRegisters::leaf_1_ecx, bit_OSXSAVE, "OSXSAVE"},
      {&CpuidRegisters::leaf_1_ecx, bit_AVX, "AVX"},
      {&CpuidRegisters::leaf_1_ecx, bit_F16C, "F16C"},
      {&CpuidRegisters::leaf_7_ebx, bit_BMI, "BMI1"},
      {&CpuidRegisters::leaf_7_ebx, bit_AVX2, "AVX2"},
      {&CpuidRegisters::leaf_7_ebx, bit_BMI2, "BMI2"},
      {&CpuidRegisters::extended_1_ecx, bit_LAHF_LM, "LAHF-SAHF"},
      {&CpuidRegisters::extended_1_ecx, bit_ABM, "LZCNT"},
  };
  for (const Case& c : cases) {
    EXPECT_STREQ(missing_feature(haswell_without(c.where, c.mask)), c.name);
  }
}

TEST(CpuCheck, RefusesAnOperatingSystemThatDoesNotSaveYmm) {
  const char* missing = missing_feature(haswell_without(&CpuidRegisters::xcr0, 1U << 2));
  ASSERT_NE(missing, nullptr);
  EXPECT_NE(std::string(missing).find("operating system"), std::string::npos);
}

TEST(CpuCheck, AProcessorThatSaysNothingIsRefused) {
  EXPECT_NE(missing_feature(CpuidRegisters{}), nullptr);
}

TEST(CpuCheck, AcceptsTheProcessorThatRunsTheTests) {
  EXPECT_EQ(missing_feature(read_cpuid()), nullptr);
}

}  // namespace
}  // namespace sharpwave

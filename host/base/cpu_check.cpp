#include "host/base/cpu_check.hpp"

#include <cpuid.h>
#include <unistd.h>

#include <cstddef>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

struct Feature {
  const char* name;
  std::uint32_t CpuidRegisters::*where;
  int bit;
};

// The levels v2 and v3 of the x86-64 psABI (table "Micro-Architecture Levels"); bits from Intel's Software
// Developer's Manual, volume 2, CPUID.
constexpr Feature kFeatures[] = {
    {"SSE3", &CpuidRegisters::leaf_1_ecx, 0},          {"SSSE3", &CpuidRegisters::leaf_1_ecx, 9},
    {"CMPXCHG16B", &CpuidRegisters::leaf_1_ecx, 13},   {"SSE4.1", &CpuidRegisters::leaf_1_ecx, 19},
    {"SSE4.2", &CpuidRegisters::leaf_1_ecx, 20},       {"POPCNT", &CpuidRegisters::leaf_1_ecx, 23},
    {"LAHF-SAHF", &CpuidRegisters::extended_1_ecx, 0}, {"AVX", &CpuidRegisters::leaf_1_ecx, 28},
    {"AVX2", &CpuidRegisters::leaf_7_ebx, 5},          {"FMA", &CpuidRegisters::leaf_1_ecx, 12},
    {"BMI1", &CpuidRegisters::leaf_7_ebx, 3},          {"BMI2", &CpuidRegisters::leaf_7_ebx, 8},
    {"F16C", &CpuidRegisters::leaf_1_ecx, 29},         {"LZCNT", &CpuidRegisters::extended_1_ecx, 5},
    {"MOVBE", &CpuidRegisters::leaf_1_ecx, 22},        {"OSXSAVE", &CpuidRegisters::leaf_1_ecx, 27},
};
constexpr std::uint32_t kOsSavesXmmAndYmm = 0x6;

void print(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  // Nothing can be done about a closed standard error; the exit code says it too.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, length);
}

// Before the constructors of namespace-scope objects, which are compiled for x86-64-v3 already; 101 is the
// first priority that is not reserved.
__attribute__((constructor(101))) void refuse_old_processors() {
  const char* missing = missing_feature(read_cpuid());
  if (missing == nullptr) return;
  print("sharpwave: this processor lacks ");
  print(missing);
  print(
      "; expected x86-64-v3: AVX2, FMA and BMI2, as in Intel Haswell (2013), AMD Excavator (2015) or "
      "later\n");
  _exit(static_cast<int>(ExitCode::no_device));
}

}  // namespace

CpuidRegisters read_cpuid() {
  CpuidRegisters registers{};
  std::uint32_t eax = 0;
  std::uint32_t ebx = 0;
  std::uint32_t ecx = 0;
  std::uint32_t edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0) registers.leaf_1_ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0) registers.leaf_7_ebx = ebx;
  if (__get_cpuid(0x80000001U, &eax, &ebx, &ecx, &edx) != 0) registers.extended_1_ecx = ecx;
  if ((registers.leaf_1_ecx & bit_OSXSAVE) != 0) {  // else the instruction does not exist
    asm volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    registers.xcr0 = eax;
  }
  return registers;
}

const char* missing_feature(const CpuidRegisters& registers) {
  for (const Feature& feature : kFeatures) {
    if (((registers.*feature.where >> feature.bit) & 1U) == 0) return feature.name;
  }
  if ((registers.xcr0 & kOsSavesXmmAndYmm) != kOsSavesXmmAndYmm) {
    return "AVX state saved by the operating system";
  }
  return nullptr;
}

}  // namespace sharpwave

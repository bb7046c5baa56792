// Does this processor have what everything else is compiled for (x86-64-v3)?
//
// The executable asks before any other code of ours runs, so that an old processor gets a sentence and not
// an illegal instruction. Its source is therefore the one that is compiled for plain x86-64, in an object
// library of its own, and calls no inline function of a header that other sources include too: the linker
// could keep their copy of it.
#pragma once

#include <cstdint>

namespace sharpwave {

/// What cpuid and xgetbv say, as far as x86-64-v3 depends on it; all 0 where a leaf does not exist.
struct CpuidRegisters {
  std::uint32_t leaf_1_ecx;
  std::uint32_t leaf_7_ebx;
  std::uint32_t extended_1_ecx;  ///< leaf 0x80000001
  std::uint32_t xcr0;            ///< low half: which registers the operating system saves
};

/// The registers of the processor that this runs on.
CpuidRegisters read_cpuid();

/// Name of the first feature of x86-64-v3 that is missing (static storage), nullptr if none is.
const char* missing_feature(const CpuidRegisters& registers);

}  // namespace sharpwave

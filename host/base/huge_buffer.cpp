#include "host/base/huge_buffer.hpp"

#include <sys/mman.h>

#include <string>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Small arrays stay on ordinary pages: a huge page each would cost more memory than it saves misses.
std::size_t rounded(std::size_t bytes) {
  const std::size_t unit = bytes >= kHugePage / 4 ? kHugePage : 4096;
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

void* reserve_pages(std::size_t bytes) {
  const std::size_t size = rounded(bytes);
  const bool huge = size >= kHugePage;
  const std::size_t extra = huge ? kHugePage : 0;
  void* raw =
      mmap(nullptr, size + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED)
    throw Error(ExitCode::no_room,
                "cannot reserve " + std::to_string(bytes) +
                    " bytes of address space (a limit such as ulimit -v, or "
                    "vm.overcommit_memory=2, may stand against it; most of it is never used)");
  auto address = reinterpret_cast<std::size_t>(raw);
  const std::size_t aligned = huge ? (address + kHugePage - 1) / kHugePage * kHugePage : address;
  if (aligned > address) munmap(raw, aligned - address);
  if (const std::size_t tail = address + size + extra - (aligned + size); tail > 0)
    munmap(reinterpret_cast<void*>(aligned + size), tail);
  auto* pointer = reinterpret_cast<void*>(aligned);
  if (huge) madvise(pointer, size, MADV_HUGEPAGE);  // advice only: a refusal costs speed, not correctness
  return pointer;
}

void release_pages(void* pointer, std::size_t bytes) noexcept {
  munmap(pointer, rounded(bytes));
}

}  // namespace sharpwave

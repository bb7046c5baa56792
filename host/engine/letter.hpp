// What a thread of the CPU engine tells the others at the end of a round.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "host/base/thread_pool.hpp"

namespace sharpwave {

/// That the round is done, and who fired, where it is of one step, they are few and of one part: those who
/// wait for the one then fetch both with the same cache line or two, and in a small network that fetching is
/// most of a step. There is a letter for even rounds and one for odd ones: while the others read one of them,
/// the next is written.
class alignas(128) Letter {
 public:
  static constexpr std::size_t kMostIds = 28;

  /// Says nothing of who fired.
  void clear() { n_neurons_ = kMany; }
  /// Ids, each list ascending; says nothing of them where they are too many.
  void write(std::span<const std::uint32_t> neurons, std::span<const std::uint32_t> virtual_sources) {
    if (neurons.size() + virtual_sources.size() > kMostIds) return clear();
    n_neurons_ = static_cast<std::uint32_t>(neurons.size());
    n_sources_ = static_cast<std::uint32_t>(virtual_sources.size());
    std::ranges::copy(virtual_sources, std::ranges::copy(neurons, ids_).out);
  }
  void publish(std::uint64_t step) { step_.publish(static_cast<std::uint32_t>(step)); }

  void wait_for(std::uint64_t step) const { step_.wait_for(static_cast<std::uint32_t>(step)); }
  /// Else nothing is said here of who fired.
  [[nodiscard]] bool has_spikes() const { return n_neurons_ != kMany; }
  [[nodiscard]] std::span<const std::uint32_t> neurons() const { return {ids_, n_neurons_}; }
  [[nodiscard]] std::span<const std::uint32_t> virtual_sources() const {
    return {ids_ + n_neurons_, n_sources_};
  }

 private:
  static constexpr std::uint32_t kMany = ~std::uint32_t{0};

  ProgressCounter step_;  ///< with which the last round of this parity ended
  std::uint32_t n_neurons_ = kMany;
  std::uint32_t n_sources_ = 0;
  std::uint32_t ids_[kMostIds] = {};
};

}  // namespace sharpwave

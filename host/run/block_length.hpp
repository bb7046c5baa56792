// How many steps the engine is asked for at a time.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sharpwave {

/// Aims at blocks of about 0.1 s: short enough for a smooth progress line and a prompt answer to Ctrl-C, long
/// enough that the work between blocks does not show. It has no influence on results.
class BlockLength {
 public:
  static constexpr std::uint64_t kShortest = 10;
  static constexpr std::uint64_t kLongest = 10'000;
  static constexpr double kTargetSeconds = 0.1;
  static constexpr double kMostBytes = 64.0 * 1024 * 1024;  ///< spikes and report samples of one block

  [[nodiscard]] std::uint64_t next(std::uint64_t remaining) const { return std::min(length_, remaining); }

  /// Learns from a block of `n_steps` (> 0) that took `seconds` and produced `bytes`.
  void finished(std::uint64_t n_steps, double seconds, std::uint64_t bytes) {
    const auto steps = static_cast<double>(n_steps);
    const double by_time = kTargetSeconds * steps / std::max(seconds, 1e-9);
    const double by_size = kMostBytes * steps / std::max(static_cast<double>(bytes), 1.0);
    // Growing slowly: a quiet start says little about the memory that a burst takes.
    const double wanted = std::min({by_time, by_size, 4.0 * static_cast<double>(length_)});
    length_ = static_cast<std::uint64_t>(
        std::clamp(wanted, static_cast<double>(kShortest), static_cast<double>(kLongest)));
  }

 private:
  std::uint64_t length_ = kShortest;
};

}  // namespace sharpwave

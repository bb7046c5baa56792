// Where the time of steps goes: how long each took, and what each thread did when.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sharpwave {

/// Counts durations in bins of equal ratio: a quantile is known to a part in kBinsPerOctave.
class DurationHistogram {
 public:
  static constexpr int kBinsPerOctave = 32;

  void add(std::uint64_t ticks, std::uint64_t n = 1) {
    counts_[bin_of(ticks)] += n;
    n_ += n;
  }
  [[nodiscard]] std::uint64_t n() const { return n_; }
  /// The upper end of the bin in which the share `share` (0 to 1) of all durations is reached; 0 without any.
  [[nodiscard]] std::uint64_t quantile(double share) const;

 private:
  static std::size_t bin_of(std::uint64_t ticks) {
    if (ticks < kBinsPerOctave) return static_cast<std::size_t>(ticks);
    const int octave = std::countl_zero(std::uint64_t{kBinsPerOctave}) - std::countl_zero(ticks);  // from 0
    return static_cast<std::size_t>(octave * kBinsPerOctave) + static_cast<std::size_t>(ticks >> octave);
  }

  std::array<std::uint64_t, std::size_t{60} * kBinsPerOctave> counts_{};
  std::uint64_t n_ = 0;
};

/// What one thread did. Only that thread writes to it while steps are simulated.
class alignas(128) ThreadProfile {
 public:
  struct Event {
    std::uint64_t step = 0;   ///< or the number of the stretch, where single steps cannot be told apart
    std::uint64_t begin = 0;  ///< ticks
    std::uint64_t end = 0;
    std::uint32_t phase = 0;
  };
  /// Those that are kept of each thread: as many steps are left out as it takes.
  static constexpr std::size_t kMostEvents = std::size_t{1} << 15;

  void add(std::uint64_t step, std::uint32_t phase, std::uint64_t begin, std::uint64_t end) {
    if (step % every_ != 0) return;
    if (events_.size() == kMostEvents) thin_out();
    if (step % every_ == 0) events_.push_back({step, begin, end, phase});
  }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  /// Only steps whose number is a multiple of it are in events().
  [[nodiscard]] std::uint64_t every() const { return every_; }

 private:
  void thin_out();

  std::vector<Event> events_;
  std::uint64_t every_ = 1;
};

/// Filled by an engine that was told to. Times are in ticks of the engine's clock.
struct StepProfile {
  std::vector<std::string> phases;  ///< their names; events have their places here
  std::vector<ThreadProfile> threads;
  DurationHistogram
      steps;  ///< of the first thread; where single steps cannot be told apart, the means of stretches
  std::vector<std::uint64_t> counts;  ///< of each phase: times that the first thread went through it
  std::uint64_t first_tick = 0;       ///< before the first step
  double seconds_per_tick = 0;
  bool has_single_steps = true;
};

}  // namespace sharpwave

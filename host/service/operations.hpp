// What the service was asked to do, how it ended, and how long it took.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

namespace sharpwave::service {

enum class Operation : std::uint8_t {
  store,
  fetch,
  erase,
  list,
  search,
  consolidate,
  verify,
  rebuild_index,
  checkpoint,
  status
};
inline constexpr std::array kOperations{Operation::store,  Operation::fetch,         Operation::erase,
                                        Operation::list,   Operation::search,        Operation::consolidate,
                                        Operation::verify, Operation::rebuild_index, Operation::checkpoint,
                                        Operation::status};
[[nodiscard]] const char* name_of(Operation operation);

enum class Outcome : std::uint8_t {
  ok,
  refused,  ///< what was asked was wrong
  failed
};
inline constexpr std::array kOutcomes{Outcome::ok, Outcome::refused, Outcome::failed};
[[nodiscard]] const char* name_of(Outcome outcome);

/// Counts operations, and keeps how long the newest took. Safe from several threads.
class OperationLog {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kKept = 4096;  ///< of each operation
  /// Upper ends of the histograms' bins, in seconds.
  static constexpr std::array kBins{.0001, .00025, .0005, .001, .0025, .005, .01, .025,
                                    .05,   .1,     .25,   .5,   1.,    2.5,  5.,  10.};

  struct Counts {
    std::array<std::uint64_t, kOutcomes.size()> by_outcome{};
    std::array<std::uint64_t, kBins.size() + 1> by_time{};  ///< of those that are ok; the last: longer
    double seconds = 0;                                     ///< of those, together
  };
  struct Latency {
    Operation operation{};
    std::size_t n = 0;
    double p50_s = 0;
    double p95_s = 0;
    double p99_s = 0;
    double most_s = 0;
  };

  void note(Operation operation, Outcome outcome, double seconds);
  [[nodiscard]] std::array<Counts, kOperations.size()> counts() const;
  /// Of those that ended within `window` and were answered, kKept at most; operations without one are not
  /// there.
  [[nodiscard]] std::vector<Latency> latency(std::chrono::duration<double> window) const;

 private:
  struct Sample {
    Clock::time_point when;
    double seconds;
  };
  struct Kept {
    Counts counts;
    std::vector<Sample> samples;  ///< a ring
    std::size_t next = 0;
  };
  mutable std::mutex mutex_;
  std::array<Kept, kOperations.size()> kept_;
};

}  // namespace sharpwave::service

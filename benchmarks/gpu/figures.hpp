// What a measurement says: plain values, that tables and JSON are made of.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sharpwave::gpu_limits {

/// What a kernel left behind is not what it should have: a time says nothing then, and is not printed.
class CheckFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// @throws CheckFailed with both values unless they are equal.
void expect_equal(const std::string& what, std::uint64_t read, std::uint64_t expected);
/// @throws CheckFailed with both values where it is less.
void expect_at_least(const std::string& what, std::uint64_t read, std::uint64_t least);

/// Of several repeats.
struct Spread {
  double min = 0, median = 0, max = 0;
};

/// @throws CheckFailed where there is no value, or one is not finite and above 0.
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// A line of a table.
struct Figure {
  std::string name;
  std::vector<std::pair<std::string, std::int64_t>>
      where;  ///< blocks, bytes and the like, in the order shown
  std::string unit;
  Spread value;

  /// @throws std::out_of_range where `key` is not in `where`.
  [[nodiscard]] std::int64_t at(const std::string& key) const;
};

struct Answer {
  std::string name;
  std::string question;
  std::vector<Figure> figures;
  std::vector<std::string> left_out;  ///< what does not fit this device, a sentence each
};

/// What the device says of itself.
struct Device {
  std::string name;
  int compute_capability = 0;  ///< 90 of 9.0
  int n_sms = 0;
  double sm_clock_most_MHz = 0;
  double sm_clock_MHz = 0;  ///< measured under load
  double memory_clock_MHz = 0;
  std::uint64_t memory_bytes = 0, free_bytes = 0, l2_bytes = 0;
  std::uint32_t shared_bytes = 0;  ///< that a block may have
  int driver_version = 0, runtime_version = 0;
};

}  // namespace sharpwave::gpu_limits

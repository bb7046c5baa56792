#include "benchmarks/gpu/figures.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::gpu_limits {

void expect_equal(const std::string& what, std::uint64_t read, std::uint64_t expected) {
  if (read != expected)
    throw CheckFailed(what + ": read " + std::to_string(read) + ", expected " + std::to_string(expected));
}

void expect_at_least(const std::string& what, std::uint64_t read, std::uint64_t least) {
  if (read < least)
    throw CheckFailed(what + ": read " + std::to_string(read) + ", expected at least " +
                      std::to_string(least));
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) throw CheckFailed("nothing was measured");
  for (const double value : values) {
    if (!(std::isfinite(value) && value > 0)) throw CheckFailed("a time or rate of " + std::to_string(value));
  }
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {values.front(), median, values.back()};
}

std::int64_t Figure::at(const std::string& key) const {
  for (const auto& [name_of_place, place] : where)
    if (name_of_place == key) return place;
  throw std::out_of_range(name + ": no " + key);
}

}  // namespace sharpwave::gpu_limits

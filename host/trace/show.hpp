// A trace as text, as a drawing, and as files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "host/trace/trace.hpp"

namespace sharpwave::trace {

/// Why it fired or did not: spikes, the largest V_m below the threshold, refractoriness, input. One line.
[[nodiscard]] std::string explanation(const Trace& trace, const Neuron& neuron);

/// Steps of the neuron, with what happened in them; where there are more than `most_rows`, those in which it
/// spikes, that with the largest V_m, and others evenly spread.
[[nodiscard]] std::string table(const Trace& trace, const Neuron& neuron, std::size_t most_rows);

/// One line for each neuron and step, in this order; a header with units. Digits enough to read the same
/// float32 again.
[[nodiscard]] std::string csv(const Trace& trace);

/// The neuron in characters: V_m with its threshold, spikes, refractoriness, what arrives.
/// @param columns  of the terminal.
[[nodiscard]] std::string drawing(const Trace& trace, const Neuron& neuron, std::size_t columns);

/// All neurons, below each other.
[[nodiscard]] std::string svg(const Trace& trace);

/// The files that write_h5() makes: `file`, or of several variables "<stem>_<variable>.h5" for each.
/// @throws Error(usage) unless the name is report_NAME.h5.
[[nodiscard]] std::vector<std::filesystem::path> h5_files(const Plan& plan,
                                                          const std::filesystem::path& file);

/// Writes what is shown as SONATA reports, and replaces what is there.
/// @return the files. @throws Error(usage) as h5_files(), Error(io), Error(no_room).
std::vector<std::filesystem::path> write_h5(const Trace& trace, const std::filesystem::path& file);

/// Smallest and largest of the values that fall into one of `n` columns of equal width; a column that is
/// narrower than a sample has the value of the sample that it lies in. Values that are not finite are left
/// out.
struct Extremes {
  double low = 0;
  double high = 0;
  bool any = false;
  void add(double value);
  void add(const Extremes& other);
};
[[nodiscard]] std::vector<Extremes> extremes_in_columns(const float* values, std::uint64_t n_values,
                                                        std::size_t n);
/// The samples of column `k` of `n`: [begin, end), at least one.
struct ColumnSamples {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
[[nodiscard]] ColumnSamples column_samples(std::uint64_t n_samples, std::size_t n, std::size_t k);

}  // namespace sharpwave::trace

// From the rates of a model to tables of Poisson counts; the same for every executor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/network/model_spec.hpp"
#include "host/network/random_streams.hpp"
#include "kernels/mip.hpp"

namespace sharpwave {

/// A piecewise rate as tables of thresholds, one for each rate that occurs, and the key of its draws. Flat,
/// so that it can be copied to a device as it is.
struct PoissonRate {
  PhiloxKey key{};
  std::vector<std::uint64_t> first_step;   ///< [n_pieces] ascending
  std::vector<std::uint32_t> table;        ///< [n_pieces] which table the piece uses
  std::vector<std::uint64_t> table_begin;  ///< [n_tables + 1] into `thresholds`
  std::vector<std::uint32_t> thresholds;

  /// The piece that `step` (> 0) lies in.
  [[nodiscard]] std::size_t piece_at(std::uint64_t step) const;
  /// Empty where nothing ever fires.
  [[nodiscard]] std::span<const std::uint32_t> thresholds_of(std::size_t piece) const {
    const std::size_t k = table[piece];
    return std::span(thresholds).subspan(table_begin[k], table_begin[k + 1] - table_begin[k]);
  }
};

[[nodiscard]] PoissonRate make_poisson_rate(const PiecewiseRate& rate, double dt_ms, PhiloxKey key);

/// An input of spikes: independent trains of that rate, or copies of one.
struct SpikeInput {
  PoissonRate rate;
  std::optional<MipCopies> copies;
};

/// One for each input of the model, empty for currents. Keys: ("poisson_input", seed of the run, name of the
/// input); of mip, ("mip_mother", ...) and ("mip_copy", ...).
[[nodiscard]] std::vector<SpikeInput> make_spike_inputs(const ModelSpec& spec, StreamRegistry& streams);

}  // namespace sharpwave

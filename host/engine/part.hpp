// One part of the network: the state of every P-th neuron, held by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "host/base/huge_buffer.hpp"
#include "host/engine/cpu_kernels.hpp"
#include "host/network/network.hpp"
#include "host/network/random_streams.hpp"

namespace sharpwave {

/// Bytes whose element type is known by the arithmetic in use.
using Bytes = HugeBuffer<std::byte>;

/// Element `i` of an array of float or double; `real_size` says which.
inline void store_real(Bytes& reals, std::size_t i, std::size_t real_size, double value) {
  const auto narrow = static_cast<float>(value);
  if (real_size == sizeof narrow)
    std::memcpy(reals.data() + i * sizeof narrow, &narrow, sizeof narrow);
  else
    std::memcpy(reals.data() + i * sizeof value, &value, sizeof value);
}
[[nodiscard]] inline double load_real(const Bytes& reals, std::size_t i, std::size_t real_size) {
  float narrow = 0;
  double value = 0;
  if (real_size == sizeof narrow) {
    std::memcpy(&narrow, reals.data() + i * sizeof narrow, sizeof narrow);
    return narrow;
  }
  std::memcpy(&value, reals.data() + i * sizeof value, sizeof value);
  return value;
}

/// Parameters of one population, evaluated once; shared by its segments in all parts.
struct PopulationParameters {
  UpdateModel model = UpdateModel::exp;
  int substeps = 1;
  bool per_neuron = false;
  std::vector<std::vector<double>> values;   ///< per model parameter: [1] or [size]
  std::vector<double> v_bias;                ///< Model::bias_per_pA, [1] or [size]
  std::vector<double> I_e_pA;                ///< [1] or [size]
  std::vector<double> E_L_mV;                ///< [1] or [size]
  std::vector<std::int32_t> t_ref_steps;     ///< [1] or [size]
  std::vector<std::vector<double>> initial;  ///< per variable of the model: [1] or [size]; V relative to E_L

  static double at(const std::vector<double>& list, std::uint32_t i) {
    return list.size() == 1 ? list[0] : list[i];
  }
};

/// Evaluates what is drawn. Keys: ("neuron_parameter", network_seed, "population.parameter") and
/// ("initial_value", seed of the network, "population.variable"); index = neuron.
[[nodiscard]] PopulationParameters evaluate_parameters(const ModelSpec& spec, std::uint32_t population,
                                                       StreamRegistry& streams);

/// Where the parameters of an adaptive threshold stand among those of the model: what it does is nothing
/// where they are 0. None where it has none.
[[nodiscard]] std::vector<std::size_t> theta_parameters(UpdateModel model);

/// The neurons (or parrots) of one population within a part: elements [begin, begin + n).
struct Segment {
  std::uint32_t population = 0;
  bool parrots = false;
  std::uint32_t begin = 0;
  std::uint32_t n = 0;
  std::uint32_t first_index = 0;  ///< index within the population of the first; they are P apart
  UpdateArguments update;         ///< inputs and spikes are set in each step
  std::vector<Bytes> parameters;  ///< what `update` points to
  Bytes bias;
  std::vector<std::int32_t> t_ref_steps;
};

/// The targets within a part of an input of spikes.
struct PoissonTargets {
  std::uint32_t input = 0;
  std::uint32_t begin = 0;  ///< covering elements [begin, begin + n)
  std::uint32_t n = 0;
  std::uint32_t first_index = 0;
  bool all = true;                    ///< all of the range are targets, or
  std::vector<std::uint32_t> chosen;  ///< these offsets within it
  std::vector<std::uint64_t> counts;  ///< [n] of the current four steps; of mip, of the current one
  std::uint64_t counted_draw = ~std::uint64_t{0};
  std::size_t counted_piece = 0;
};

struct Part {
  std::uint32_t index = 0;
  std::uint32_t size = 0;
  std::vector<Bytes> state;  ///< [size] each
  HugeBuffer<std::int32_t> refractory;
  std::vector<Bytes> accumulators;  ///< per receptor: [rows][cells_per_step]
  std::vector<Segment> segments;
  std::vector<PoissonTargets> poisson;
  std::vector<std::uint32_t> spikes[2];  ///< ids that fired, by parity of the step; grown only by parrots
  std::size_t n_spikes[2] = {0, 0};

  [[nodiscard]] std::span<const std::uint32_t> fired(std::uint64_t step) const {
    return {spikes[step & 1].data(), n_spikes[step & 1]};
  }
};

}  // namespace sharpwave

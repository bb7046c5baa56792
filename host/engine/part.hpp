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

/// What fired in the steps of a round, step by step. Others read it while its successor is written.
class alignas(128) SpikeList {
 public:
  void begin_round() {
    n_ids_ = 0;
    ends_.clear();
  }
  /// Where the next id goes; there is room for `n`.
  [[nodiscard]] std::uint32_t* next(std::size_t n) {
    if (n_ids_ + n > ids_.size()) ids_.resize(2 * (n_ids_ + n));
    return ids_.data() + n_ids_;
  }
  /// So many have been written to where next() said.
  void add(std::size_t n) { n_ids_ += n; }
  void end_step() { ends_.push_back(n_ids_); }

  [[nodiscard]] std::size_t n_steps() const { return ends_.size(); }
  /// @param k  of the round's steps, < n_steps().
  [[nodiscard]] std::span<const std::uint32_t> of_step(std::size_t k) const {
    const std::size_t begin = k == 0 ? 0 : ends_[k - 1];
    return {ids_.data() + begin, ends_[k] - begin};
  }

 private:
  std::vector<std::uint32_t> ids_;
  std::size_t n_ids_ = 0;
  std::vector<std::size_t> ends_;
};

/// One of the present round and one of the round before, which others still read.
template <class T>
class ByRound {
 public:
  [[nodiscard]] T& operator[](std::uint64_t round) { return values_[round & 1]; }
  [[nodiscard]] const T& operator[](std::uint64_t round) const { return values_[round & 1]; }
  [[nodiscard]] std::span<T> both() { return values_; }

 private:
  T values_[2];
};

struct Part {
  std::uint32_t index = 0;
  std::uint32_t size = 0;
  std::vector<Bytes> state;  ///< [size] each
  HugeBuffer<std::int32_t> refractory;
  std::vector<Bytes> accumulators;  ///< per receptor: [rows][cells_per_step]
  std::vector<Segment> segments;
  std::vector<PoissonTargets> poisson;
  ByRound<SpikeList> spikes;  ///< ids that fired
};

}  // namespace sharpwave

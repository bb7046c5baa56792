#include "host/network/grids.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/network/distribution.hpp"
#include "host/network/protocol_spec.hpp"
#include "host/network/step_times.hpp"
#include "kernels/fixed_point.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave {
namespace {

// float64: one bit stays free for the rounding of each weight.
constexpr int kWideBits = 63;
constexpr int kWeightBits = 16;
constexpr int kMaxShift = 46;  // a 16-bit weight shifted further would not fit 62 bits

// Sum of what the projections onto a parrot can bring in one step.
std::uint64_t parrot_multiplicity(const ModelSpec& spec, std::uint32_t population,
                                  const InDegrees& in_degrees, const std::vector<PopulationPlace>& places) {
  std::vector<std::uint64_t> arriving(spec.populations[population].size);
  for (std::size_t k = 0; k < spec.projections.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    if (p.target.population != population) continue;
    const std::vector<std::uint32_t> degree = in_degrees(k);
    for (std::uint32_t j = 0; j < degree.size(); ++j)
      arriving[p.target[j]] += degree[j] * places[p.source.population].multiplicity;
  }
  for (const InputSpec& input : spec.inputs) {
    const PoissonInputSpec* poisson = input.spikes();
    if (poisson == nullptr || input.target.population != population) continue;
    const std::uint32_t count =
        largest_poisson_count(poisson->rate, spec.simulation.dt_ms, "input '" + input.name + "'");
    for (std::uint32_t j = 0; j < input.target.size(); ++j) arriving[input.target[j]] += count;
  }
  const std::uint64_t largest = arriving.empty() ? 0 : *std::max_element(arriving.begin(), arriving.end());
  if (largest > 0x7fffffff)
    throw Error(ExitCode::invalid_config,
                "population '" + spec.populations[population].name +
                    "': a parrot can receive more than 2,147,483,647 spikes in a step");
  return largest;
}

bool is_parrot(const ModelSpec& spec, std::uint32_t population) {
  return std::holds_alternative<ParrotSpec>(spec.populations[population].kind);
}

// A weight that learns is on a grid that holds w_max.
void expect_more_than_nothing(const ProjectionSpec& p, int exponent) {
  if (!p.plasticity) return;
  const Range at_first = range_of(p.weight);
  const double largest = std::max(std::abs(at_first.low), std::abs(at_first.high));
  if (largest > 0 && std::ldexp(largest, exponent) < 0.5)
    throw Error(ExitCode::invalid_config,
                "projection '" + p.name + "': its weights at first, up to " + number_text(largest) +
                    ", are nothing on the grid that w_max, " + number_text(p.plasticity->w_max) +
                    ", needs; expected at least " + number_text(std::ldexp(0.5, -exponent)));
}

// What is small beside all that can arrive in a step would be lost on a grid that holds both.
void expect_fine_grids(const ModelSpec& spec, const std::vector<PopulationPlace>& places,
                       const Grids& grids) {
  const auto expect_fine = [&](double largest, std::uint32_t population, int receptor,
                               const std::string& owner) {
    if (!(largest > 0)) return;
    const int exponent = grids.exponents[population][static_cast<std::size_t>(receptor)];
    const double least = std::ldexp(1.0, kWeightBits - 2 - exponent);  // as fine as float32's grids
    if (largest < least)
      throw Error(ExitCode::invalid_config,
                  owner + ": its weights, of magnitudes up to " + number_text(largest) +
                      ", are lost beside what can arrive at the same receptor of population '" +
                      spec.populations[population].name + "' in a step; expected one of at least " +
                      number_text(least));
  };
  for (std::size_t k = 0; k < spec.projections.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    if (is_parrot(spec, p.target.population)) continue;
    const ProjectionGrid& grid = grids.projections[k];
    for (const std::size_t sign : {0u, 1u})
      expect_fine(grid.largest[sign], p.target.population, grid.receptor[sign],
                  "projection '" + p.name + "'");
    const int receptor = grid.receptor[grid.largest[0] > 0 ? 0 : 1];
    expect_more_than_nothing(p, grids.exponents[p.target.population][static_cast<std::size_t>(receptor)]);
  }
  for (const InputSpec& input : spec.inputs)
    if (const PoissonInputSpec* poisson = input.spikes();
        poisson != nullptr && !is_parrot(spec, input.target.population))
      expect_fine(std::abs(poisson->weight), input.target.population,
                  receptor_of(places[input.target.population], poisson->weight),
                  "input '" + input.name + "'");
}

// float64: the finest grid that holds the worst step of the most burdened element.
void set_wide_exponents(const ModelSpec& spec, const std::vector<PopulationPlace>& places,
                        const InDegrees& in_degrees, Grids& grids) {
  std::vector<std::array<std::vector<double>, kMaxReceptors>> worst(spec.populations.size());
  for (std::size_t i = 0; i < worst.size(); ++i)
    for (int r = 0; r < places[i].n_receptors; ++r)
      worst[i][static_cast<std::size_t>(r)].resize(spec.populations[i].size);
  for (std::size_t k = 0; k < spec.projections.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    if (is_parrot(spec, p.target.population)) continue;
    const std::vector<std::uint32_t> degree = in_degrees(k);
    const auto multiplicity = static_cast<double>(places[p.source.population].multiplicity);
    for (const std::size_t sign : {0u, 1u}) {
      const double each = multiplicity * grids.projections[k].largest[sign];
      auto& sums = worst[p.target.population][static_cast<std::size_t>(grids.projections[k].receptor[sign])];
      for (std::uint32_t j = 0; j < degree.size(); ++j) sums[p.target[j]] += degree[j] * each;
    }
  }
  for (const InputSpec& input : spec.inputs) {
    const PoissonInputSpec* poisson = input.spikes();
    if (poisson == nullptr || is_parrot(spec, input.target.population)) continue;
    const double count =
        largest_poisson_count(poisson->rate, spec.simulation.dt_ms, "input '" + input.name + "'");
    const int receptor = receptor_of(places[input.target.population], poisson->weight);
    const double gain = largest_external_gain(spec, input.target.population);
    auto& sums = worst[input.target.population][static_cast<std::size_t>(receptor)];
    for (std::uint32_t j = 0; j < input.target.size(); ++j)
      sums[input.target[j]] +=
          std::max(1.0, count * gain) * std::abs(poisson->weight);  // the weight itself fits
  }
  for (std::size_t i = 0; i < worst.size(); ++i)
    for (std::size_t r = 0; r < kMaxReceptors; ++r) {
      const auto& sums = worst[i][r];
      const double largest = sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
      if (largest > 0) grids.exponents[i][r] = finest_exponent(largest, kWideBits);
      if (largest > 0 && !fits_grid(largest, grids.exponents[i][r], kWideBits))
        throw Error(ExitCode::invalid_config, "population '" + spec.populations[i].name +
                                                  "': the sum of its synaptic input exceeds every grid");
    }
  expect_fine_grids(spec, places, grids);
}

// float32: each projection on its own 16-bit grid, the receptor on the finest of them.
void set_narrow_exponents(const ModelSpec& spec, const std::vector<PopulationPlace>& places, Grids& grids) {
  std::vector<std::array<bool, kMaxReceptors>> known(spec.populations.size());
  const auto contribute = [&](std::uint32_t population, int receptor, int exponent) {
    const auto r = static_cast<std::size_t>(receptor);
    int& e = grids.exponents[population][r];
    e = known[population][r] ? std::max(e, exponent) : exponent;
    known[population][r] = true;
  };
  const auto exponent_of = [](double largest, const std::string& owner) {
    const int exponent = finest_exponent(largest, kWeightBits);
    if (!fits_grid(largest, exponent, kWeightBits))
      throw Error(ExitCode::invalid_config, owner + ": a weight of magnitude " + number_text(largest) +
                                                " is beyond every grid; expected at most 2^78");
    return exponent;
  };
  for (std::size_t k = 0; k < spec.projections.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    ProjectionGrid& grid = grids.projections[k];
    if (is_parrot(spec, p.target.population)) continue;
    grid.exponent = exponent_of(std::max(grid.largest[0], grid.largest[1]), "projection '" + p.name + "'");
    expect_more_than_nothing(p, grid.exponent);
    for (const std::size_t sign : {0u, 1u})
      if (grid.largest[sign] > 0) contribute(p.target.population, grid.receptor[sign], grid.exponent);
  }
  for (const InputSpec& input : spec.inputs)
    if (const PoissonInputSpec* poisson = input.spikes();
        poisson != nullptr && poisson->weight != 0 && !is_parrot(spec, input.target.population))
      contribute(input.target.population, receptor_of(places[input.target.population], poisson->weight),
                 exponent_of(std::abs(poisson->weight), "input '" + input.name + "'"));
  for (std::size_t k = 0; k < spec.projections.size(); ++k) {
    ProjectionGrid& grid = grids.projections[k];
    const std::uint32_t target = spec.projections[k].target.population;
    if (is_parrot(spec, target)) continue;
    for (const std::size_t sign : {0u, 1u}) {
      if (!(grid.largest[sign] > 0)) continue;
      grid.shift[sign] =
          grids.exponents[target][static_cast<std::size_t>(grid.receptor[sign])] - grid.exponent;
      if (grid.shift[sign] > kMaxShift)
        throw Error(ExitCode::invalid_config,
                    "projection '" + spec.projections[k].name + "': its weights are more than 2^" +
                        std::to_string(kMaxShift) +
                        " times those of another projection onto the same receptor");
    }
  }
}

InputWeight input_weight(const ModelSpec& spec, const InputSpec& input, const PopulationPlace& place,
                         const std::array<int, kMaxReceptors>& exponents) {
  const PoissonInputSpec* poisson = input.spikes();
  if (poisson == nullptr) return {};
  if (is_parrot(spec, input.target.population)) return {.receptor = 0, .units = 1};
  const int receptor = receptor_of(place, poisson->weight);
  const int exponent = exponents[static_cast<std::size_t>(receptor)];
  if (spec.simulation.precision == Precision::float64)
    return {.receptor = receptor, .units = to_grid(poisson->weight, exponent)};
  const int own = finest_exponent(std::abs(poisson->weight), kWeightBits);
  if (poisson->weight == 0 || exponent - own > kMaxShift) {
    if (poisson->weight == 0) return {.receptor = receptor, .units = 0};
    throw Error(ExitCode::invalid_config, "input '" + input.name + "': its weight is more than 2^" +
                                              std::to_string(kMaxShift) +
                                              " times that of a projection onto the same receptor");
  }
  return {.receptor = receptor, .units = to_grid(poisson->weight, own) << (exponent - own)};
}

// Receptors and largest weights; no exponents yet.
Grids unplaced_grids(const ModelSpec& spec, const std::vector<PopulationPlace>& places) {
  Grids grids;
  grids.exponents.resize(spec.populations.size());
  for (const ProjectionSpec& p : spec.projections) {
    const PopulationPlace& target = places[p.target.population];
    ProjectionGrid grid;
    if (is_parrot(spec, p.target.population)) {
      grid.largest = {1, 0};
      grid.occurs = {true, false};
    } else {
      const Range range = weights_ever(p);
      grid.largest = {std::max(0.0, range.high), std::max(0.0, -range.low)};
      grid.occurs = {grid.largest[0] > 0 || grid.largest[1] == 0, grid.largest[1] > 0};
      grid.receptor = {receptor_of(target, 1), receptor_of(target, -1)};
    }
    grids.projections.push_back(grid);
  }
  return grids;
}

}  // namespace

std::uint64_t largest_spike_count(const SpikeSourceSpec& source, double dt_ms) {
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> counts;
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < source.indices.size(); ++i)
    largest = std::max(largest, ++counts[{spike_step(source.times_ms[i], dt_ms), source.indices[i]}]);
  return largest;
}

Range weights_ever(const ProjectionSpec& p) {
  const Range at_first = range_of(p.weight);
  if (!p.plasticity) return at_first;
  const double w_max = p.plasticity->w_max;
  return at_first.low < 0 ? Range{-w_max, 0} : Range{0, w_max};
}

int receptor_of(const PopulationPlace& target, double weight) {
  return target.n_receptors == 2 && weight < 0 ? 1 : 0;
}

std::uint32_t largest_poisson_count(const PiecewiseRate& rate, double dt_ms, const std::string& owner) {
  const double highest =
      rate.rates_Hz.empty() ? 0 : *std::max_element(rate.rates_Hz.begin(), rate.rates_Hz.end());
  const double mean = highest * dt_ms * 1e-3;
  if (!(mean <= kPoissonMaxMean))
    throw Error(ExitCode::invalid_config, owner + ": a rate of " + std::to_string(highest) + " Hz is " +
                                              std::to_string(mean) + " events a step; expected at most " +
                                              std::to_string(kPoissonMaxMean));
  std::array<std::uint32_t, kPoissonTableCapacity> thresholds{};
  return static_cast<std::uint32_t>(poisson_table(mean, thresholds));
}

std::uint64_t largest_source_count(const ModelSpec& spec, std::uint32_t population) {
  const PopulationSpec& p = spec.populations[population];
  if (const auto* poisson = std::get_if<PoissonSourceSpec>(&p.kind)) {
    const PiecewiseRate rate = poisson->presented_up_to_Hz
                                   ? PiecewiseRate{.rates_Hz = {*poisson->presented_up_to_Hz}}
                                   : poisson->rate;
    return largest_poisson_count(rate, spec.simulation.dt_ms, "population '" + p.name + "'");
  }
  const auto& source = std::get<SpikeSourceSpec>(p.kind);
  return source.presented ? spec.protocol->largest_spike_count(population)
                          : largest_spike_count(source, spec.simulation.dt_ms);
}

InDegrees in_degrees_of(const ModelSpec& spec, const Connectivities& connectivities, ThreadPool& pool) {
  return [&](std::size_t k) {
    const ProjectionSpec& projection = spec.projections[k];
    std::vector<std::uint32_t> count(projection.target.size());
    std::vector<SynapseRow> rows(static_cast<std::size_t>(pool.size()));
    pool.parallel_for(projection.source.size(), 16, [&](int thread, std::uint64_t begin, std::uint64_t end) {
      SynapseRow& row = rows[static_cast<std::size_t>(thread)];
      for (std::uint64_t s = begin; s < end; ++s) {
        connectivities[k]->fill(static_cast<std::uint32_t>(s), row);
        for (std::uint32_t j = 0; j < row.n; ++j)
          std::atomic_ref(count[row.target[j]]).fetch_add(1, std::memory_order_relaxed);
      }
    });
    return count;
  };
}

void set_multiplicities(const ModelSpec& spec, const InDegrees& in_degrees,
                        std::vector<PopulationPlace>& places) {
  enum class State { open, active, done };
  std::vector<State> states(places.size(), State::open);
  const auto visit = [&](const auto& self, std::uint32_t i) -> void {
    const PopulationSpec& population = spec.populations[i];
    if (states[i] == State::done) return;
    if (states[i] == State::active)
      throw Error(ExitCode::invalid_config, "population '" + population.name +
                                                "': parrots must not project to each other in a cycle: "
                                                "the number of their spikes would have no bound");
    states[i] = State::active;
    if (population.is_virtual()) {
      places[i].multiplicity = largest_source_count(spec, i);
    } else if (is_parrot(spec, i)) {
      for (const ProjectionSpec& p : spec.projections)
        if (p.target.population == i) self(self, p.source.population);
      places[i].multiplicity = parrot_multiplicity(spec, i, in_degrees, places);
    }
    states[i] = State::done;
  };
  for (std::uint32_t i = 0; i < places.size(); ++i) visit(visit, i);
}

Grids narrow_grids(const ModelSpec& spec, const std::vector<PopulationPlace>& places) {
  Grids grids = unplaced_grids(spec, places);
  set_narrow_exponents(spec, places, grids);
  return grids;
}

Grids compute_grids(const ModelSpec& spec, const std::vector<PopulationPlace>& places,
                    const InDegrees& in_degrees) {
  const bool wide = spec.simulation.precision == Precision::float64;
  Grids grids = wide ? unplaced_grids(spec, places) : narrow_grids(spec, places);
  if (wide) set_wide_exponents(spec, places, in_degrees, grids);
  grids.inputs = input_weights(spec, places, grids.exponents);
  return grids;
}

double largest_external_gain(const ModelSpec& spec, std::uint32_t population) {
  const std::optional<std::uint32_t> region = spec.populations[population].external_gain;
  if (!region) return 1;
  const LevelGate& gate = spec.regions[*region].gates.external_gain;
  const ModulatorSpec& modulator =
      *spec.regions[*region].modulators[static_cast<std::size_t>(gate.modulator)];
  return std::max(factor_of(gate, modulator.min), factor_of(gate, modulator.max));
}

std::vector<InputWeight> input_weights(const ModelSpec& spec, const std::vector<PopulationPlace>& places,
                                       const std::vector<std::array<int, kMaxReceptors>>& exponents) {
  std::vector<InputWeight> weights;
  for (const InputSpec& input : spec.inputs)
    weights.push_back(
        input_weight(spec, input, places[input.target.population], exponents[input.target.population]));
  return weights;
}

}  // namespace sharpwave

// What a network depends on, as one text to be compared: whatever build_network() reads of a description has
// to be here.
#include <algorithm>
#include <type_traits>

#include "host/base/sha256.hpp"
#include "host/network/given_weights.hpp"
#include "host/network/grids.hpp"
#include "host/network/network.hpp"
#include "host/network/region_sources.hpp"

namespace sharpwave {
namespace {

/// Each value with its size, so that no two sequences of them run together to the same bytes.
class KeyWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void add(const T& value) { hash_.update(&value, sizeof value); }
  void add(const std::string& text) {
    add(text.size());
    hash_.update(text.data(), text.size());
  }
  template <class T>
  void add(const std::vector<T>& values) {
    add(values.size());
    hash_.update(values.data(), values.size() * sizeof(T));
  }
  void add(const Slice& slice) {
    add(slice.population);
    add(slice.start);
    add(slice.stop);
    add(slice.stride);
  }
  void add(const Distribution& d) {
    add(d.kind);
    add(d.bounds);
    for (const double value : {d.a, d.b, d.low, d.high}) add(value);
  }
  void add(const Values& values) {
    add(values.index());
    std::visit([&](const auto& value) { add(value); }, values);
  }
  [[nodiscard]] std::string hex() { return to_hex(hash_.finish()); }

 private:
  Sha256 hash_;
};

/// What a population is to those that it projects to, and to those that project to it.
void add_population(KeyWriter& key, const ModelSpec& spec, const PopulationSpec& population,
                    const PopulationPlace& place) {
  key.add(population.name);
  key.add(population.size);
  key.add(population.kind.index());
  key.add(place.n_receptors);
  if (population.is_virtual())
    key.add(largest_source_count(spec, static_cast<std::uint32_t>(&population - spec.populations.data())));
}

void add_projection(KeyWriter& key, const ProjectionSpec& p) {
  key.add(p.name);
  key.add(p.source);
  key.add(p.target);
  key.add(p.rule);
  key.add(p.autapses);
  key.add(p.multapses);
  key.add(p.probability);
  key.add(p.total);
  key.add(p.degree);
  key.add(p.edge_sources);
  key.add(p.edge_targets);
  key.add(p.weight);
  key.add(p.delay_ms);
  key.add(p.plasticity.has_value());
  if (p.plasticity) key.add(p.plasticity->w_max);
  key.add(p.given_weights != nullptr);
  if (!p.given_weights) return;
  key.add(p.given_weights->digest);
  key.add(p.given_weights->gain);
  key.add(p.plasticity->w_min);
}

/// In float32 the network knows an input by the grids alone, which are in the key; parrots by what they pass
/// on.
void add_input(KeyWriter& key, const ModelSpec& spec, const InputSpec& input) {
  const PoissonInputSpec* spikes = input.spikes();
  if (spikes == nullptr) return;
  const bool to_parrot = std::holds_alternative<ParrotSpec>(spec.populations[input.target.population].kind);
  if (spec.simulation.precision == Precision::float32 && !to_parrot) return;
  key.add(input.target);
  key.add(spikes->weight);
  key.add(largest_external_gain(spec, input.target.population));
  key.add(largest_poisson_count(spikes->rate, spec.simulation.dt_ms, "input '" + input.name + "'"));
}

}  // namespace

std::string network_key(const ModelSpec& spec) {
  KeyWriter key;
  key.add(spec.simulation.dt_ms);
  key.add(spec.simulation.precision);
  key.add(spec.simulation.network_seed);
  const std::vector<PopulationPlace> places = place_populations(spec);
  for (std::uint32_t i = 0; i < places.size(); ++i) {
    add_population(key, spec, spec.populations[i], places[i]);
    key.add(drives_a_region(spec, i));  // sources that nobody else hears are left out
  }
  for (const ProjectionSpec& projection : spec.projections) add_projection(key, projection);
  for (const InputSpec& input : spec.inputs) add_input(key, spec, input);
  if (spec.simulation.precision == Precision::float32)
    for (const auto& exponents : narrow_grids(spec, places).exponents)
      for (const int exponent : exponents) key.add(exponent);
  return key.hex();
}

}  // namespace sharpwave

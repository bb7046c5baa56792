// Short forms of the descriptions that tests of the construction need.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "host/network/model_spec.hpp"

namespace sharpwave::test {

inline PopulationSpec neurons(std::string name, std::uint32_t size,
                              NeuronModel model = NeuronModel::iaf_psc_exp) {
  return {.name = std::move(name), .size = size, .kind = NeuronSpec{.model = model}};
}
inline PopulationSpec parrots(std::string name, std::uint32_t size) {
  return {.name = std::move(name), .size = size, .kind = ParrotSpec{}};
}
inline PopulationSpec poisson_source(std::string name, std::uint32_t size, double rate_Hz) {
  return {.name = std::move(name), .size = size, .kind = PoissonSourceSpec{.rate = {{0.0}, {rate_Hz}}}};
}
inline PopulationSpec spike_source(std::string name, std::uint32_t size, std::vector<std::uint32_t> indices,
                                   std::vector<double> times_ms) {
  return {.name = std::move(name),
          .size = size,
          .kind = SpikeSourceSpec{.indices = std::move(indices), .times_ms = std::move(times_ms)}};
}

inline Slice whole(const ModelSpec& spec, std::uint32_t population) {
  return {.population = population, .start = 0, .stop = spec.populations[population].size};
}

/// Appends a projection between whole populations; the caller sets what the rule needs. The reference holds
/// until the next one is added.
inline ProjectionSpec& project(ModelSpec& spec, std::string name, std::uint32_t source, std::uint32_t target,
                               ConnectionRule rule) {
  spec.projections.push_back(
      {.name = std::move(name), .source = whole(spec, source), .target = whole(spec, target), .rule = rule});
  return spec.projections.back();
}

inline Distribution normal(double mean, double sd) {
  return {.kind = Distribution::Kind::normal, .a = mean, .b = sd};
}
inline Distribution lognormal(double mu, double sigma) {
  return {.kind = Distribution::Kind::lognormal, .a = mu, .b = sigma};
}
inline Distribution uniform(double low, double high) {
  return {.kind = Distribution::Kind::uniform, .a = low, .b = high};
}
inline Distribution bounded(Distribution d, Distribution::Bounds bounds, double low, double high) {
  d.bounds = bounds;
  d.low = low;
  d.high = high;
  return d;
}

}  // namespace sharpwave::test

// Small networks that together use every model, rule, input and kind of population, and a way to run them.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::testing {

struct NamedNetwork {
  std::string name;
  ModelSpec spec;
};
/// How GoogleTest names one in a message.
inline void PrintTo(const NamedNetwork& network, std::ostream* out) {
  *out << network.name;
}

/// Parameters as NEST's defaults, V at E_L.
PopulationSpec population(const std::string& name, std::uint32_t size, NeuronModel model);
Slice whole(const ModelSpec& spec, std::uint32_t population);
Distribution normal(double mean, double sd);
Distribution redrawn(double mean, double sd, double low, double high);

/// A projection between whole populations, to be completed by the caller.
ProjectionSpec projection(const ModelSpec& spec, std::uint32_t source, std::uint32_t target,
                          ConnectionRule rule, double weight, double delay_ms);

/// Random recurrent networks; every one spikes.
std::vector<NamedNetwork> contract_networks();
/// With plasticity of every pairing; the weights change.
std::vector<NamedNetwork> plastic_networks();
/// With neuromodulators that gate plasticity, neurons and inputs, and all that drives them.
std::vector<NamedNetwork> modulated_networks();

struct Spike {
  std::uint64_t step;
  std::uint32_t id;
  bool operator==(const Spike&) const = default;
};

/// Runs `steps` steps in blocks of `block` and returns all spikes in order.
std::vector<Spike> simulate(Engine& engine, std::uint64_t steps, std::uint64_t block);
std::vector<Spike> simulate(const ModelSpec& spec, int threads, std::uint64_t steps,
                            std::uint64_t block = 100);

/// Hex SHA-256 chain over the spikes, as the product makes it.
std::string digest_of(const std::vector<Spike>& spikes);

}  // namespace sharpwave::testing

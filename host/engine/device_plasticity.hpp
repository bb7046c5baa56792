// A plastic projection of an instance on a device: how it is handed over, and its state as checkpoints have
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "host/engine/device_models.hpp"
#include "host/engine/eligibility_gate.hpp"
#include "host/engine/neuromodulation.hpp"
#include "host/engine/plastic_entries.hpp"
#include "host/engine/plastic_state.hpp"
#include "host/engine/plasticity.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

class DevicePlasticity {
 public:
  /// `net` outlives it.
  /// @param modulation  as of step 0.
  DevicePlasticity(const ModelSpec& spec, const Network& net, const PlasticRows& rows,
                   const Neuromodulation& modulation);

  /// Points into this and into the network.
  [[nodiscard]] device::PlasticModel model();
  /// What the device has after `step`, in the order of files.
  void save(std::int64_t step, const device::PlasticValues& values, PlasticState& state) const;
  /// And back, of a state of this projection.
  [[nodiscard]] device::PlasticValues values(std::int64_t step, const PlasticState& state) const;
  /// As Engine::plastic_synapses() has them.
  [[nodiscard]] PlasticSynapses synapses(std::uint32_t every) const;

 private:
  [[nodiscard]] PlasticEntries entries_of(std::int64_t step) const {
    return {step, has_triplets_, gate_.has_value(), keeps_rates_};
  }
  void save_sources(std::int64_t step, const device::PlasticValues& values, PlasticState& state) const;
  void save_flights(std::int64_t step, const device::PlasticValues& values, PlasticState& state) const;
  void save_posts(std::int64_t step, const device::PlasticValues& values, PlasticState& state) const;
  void put_sources(std::int64_t step, const PlasticState& state, device::PlasticValues& values) const;
  void put_flights(std::int64_t step, const PlasticState& state, device::PlasticValues& values) const;
  void put_posts(std::int64_t step, const PlasticState& state, device::PlasticValues& values) const;
  void put_gate(const PlasticState& state, device::PlasticValues& values) const;
  /// Calls visit(where it lies on the device) for each synapse, in the order of files.
  template <class Visit>
  void for_each_synapse(const Visit& visit) const;

  const PlasticRows& rows_;
  std::uint32_t n_parts_;
  std::uint32_t first_target_;  ///< id of the target population's first neuron
  StdpTables tables_;
  std::optional<EligibilityGate> gate_;  ///< as of step 0
  const StdpSpec& rule_;
  bool has_triplets_;
  bool keeps_rates_;  ///< of spikes: what they change follows from more than their steps
};

/// What a plastic projection takes on a device, upper estimate.
struct DevicePlasticityPlan {
  std::uint64_t shared_bytes = 0;    ///< of all instances
  std::uint64_t instance_bytes = 0;  ///< of each, at first: high rates of the targets take more
};
[[nodiscard]] DevicePlasticityPlan plan_device_plasticity(const ModelSpec& spec,
                                                          const ProjectionSpec& projection,
                                                          const NetworkShape& shape);
/// What the neuromodulators of an instance take, in bytes, upper estimate.
[[nodiscard]] std::uint64_t plan_device_regions(const ModelSpec& spec);

}  // namespace sharpwave

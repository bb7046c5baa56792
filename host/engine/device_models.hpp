// A network and its instances as an executor on a device takes them: views of what the host has evaluated.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/executor.hpp"
#include "host/base/error.hpp"
#include "host/engine/construction.hpp"
#include "host/engine/device_engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

/// What a call of the executor throws, as the error that the command line knows.
template <class Call>
auto translated(Call&& call) {
  try {
    return call();
  } catch (const device::RuntimeError& error) {
    throw Error(error.out_of_memory() ? ExitCode::no_room : ExitCode::device_failed, error.what());
  }
}

/// What it takes to find a population's state on the device; empty for those without neurons.
struct StateOnDevice {
  const NeuronModelInfo* info = nullptr;
  std::uint32_t first_source = 0;
};
[[nodiscard]] std::vector<StateOnDevice> states_on_device(const ModelSpec& spec, const Network& net);

[[nodiscard]] std::vector<device::Report> device_reports(const std::vector<ReportSpec>& reports,
                                                         const std::vector<StateOnDevice>& populations,
                                                         double dt_ms);

/// Points into `net`, which has one thread group, or one for each owner, and still has its rows; where they
/// are drawn on the device it has none.
[[nodiscard]] device::NetworkModel network_model(const ModelSpec& spec, const Network& net,
                                                 Arithmetic arithmetic);

/// Of a network whose rows are cut by owner.
[[nodiscard]] device::OwnersModel owners_model(const ModelSpec& spec, const OwnerLimits& limits,
                                               bool is_asked_for);

/// Points into `evaluated`; without its plastic projections, of which each DevicePlasticity has one, and its
/// regions, which a Neuromodulation has.
[[nodiscard]] device::InstanceModel instance_model(const ModelSpec& spec, const Network& net,
                                                   const EvaluatedModel& evaluated);

}  // namespace sharpwave

// By what a network's steps are done on a device, and the shape of its rows that goes with it
// (docs/decisions/0023).
#pragma once

#include <cstdint>
#include <string>

#include "host/engine/device_engine.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

struct DeviceLayout {
  bool by_owners = false;  ///< one kernel does many steps; else a graph of kernels each
  /// One line: by what, and why. Whether an owner's shared memory holds enough is known when the network is
  /// there.
  std::string why;
  bool is_asked_for = false;  ///< in the environment
  NetworkShape shape;

  /// Of a step of a receptor's delay ring.
  [[nodiscard]] std::uint64_t ring_cells() const {
    return by_owners ? std::uint64_t{shape.n_groups} * shape.cells_per_step : shape.n_neurons;
  }
  /// What owners have beyond an executor without them: who fired in a few steps.
  [[nodiscard]] std::uint64_t owner_bytes() const;
};

/// SHARPWAVE_GPU_KERNEL=persistent|graph in the environment asks for one of them.
/// @param instances  that there can be at once (> 0).
/// @throws Error(usage) where it has another value, or owners cannot simulate the network that they are asked
///         to; Error(invalid_config) as device_shape().
[[nodiscard]] DeviceLayout choose_device_layout(const ModelSpec& spec, const OwnerLimits& owners,
                                                std::uint32_t instances);

}  // namespace sharpwave

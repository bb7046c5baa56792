// The engine that simulates on a GPU: builds the network on the host, hands it to an executor of cuda/, and
// turns what that records into blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "kernels/owner_limits.hpp"

namespace sharpwave {

namespace device {
class DrawnRows;
class Executor;
struct NetworkModel;
struct PairsModel;
}  // namespace device

/// Makes what simulates a network on a device, at most `instances` (> 0) of it at once.
struct MakeExecutor {
  std::function<std::unique_ptr<device::Executor>(const device::NetworkModel&, std::uint32_t instances)> make;
  OwnerLimits owners;
  /// Draws rows there for it; where it is empty, the host builds them.
  std::function<std::shared_ptr<device::DrawnRows>(const std::vector<device::PairsModel>&)> draw_rows = {};
};

/// The GPU that would be used, as the CUDA runtime tells.
struct CudaDevice {
  bool available = false;
  std::string name;
  std::string reason;  ///< why there is none
  std::uint64_t free_bytes = 0;
  MakeExecutor make_executor;
};
/// Never fails. A build without CUDA has no device and says so.
[[nodiscard]] CudaDevice find_cuda_device();
[[nodiscard]] bool built_with_cuda();

/// Sizes as plan_network() has them for the host while it builds, and for the device: synapses, the log of
/// spikes and samples, and, for each instance, state and the delay ring.
struct DevicePlan {
  NetworkPlan host;
  std::string kernels;  ///< one line: by what steps are done, and why
  std::uint64_t synapse_bytes = 0;
  std::uint64_t transient_bytes = 0;  ///< needed during construction only
  std::uint64_t log_bytes = 0;
  std::uint64_t state_bytes = 0;       ///< of an instance
  std::uint64_t ring_bytes = 0;        ///< of an instance
  std::uint64_t plastic_bytes = 0;     ///< of an instance, at first: high rates of the targets take more
  std::uint64_t single_log_bytes = 0;  ///< of an instance: what a single step of its log can need
  [[nodiscard]] std::uint64_t instance_bytes() const {
    return state_bytes + ring_bytes + plastic_bytes + single_log_bytes;
  }
  /// All that depends on the network's size.
  [[nodiscard]] std::uint64_t network_bytes() const {
    return synapse_bytes + transient_bytes + state_bytes + ring_bytes + plastic_bytes;
  }
  /// Of `instances` at once, with what CUDA itself takes.
  [[nodiscard]] std::uint64_t bytes(std::uint64_t instances = 1) const;
  /// How many instances at once `available_bytes` are enough for.
  [[nodiscard]] std::uint64_t instances_in(std::uint64_t available_bytes) const;
};
/// Of a run alone, or, without owners, of one among several.
/// @throws Error(invalid_config) as plan_network(); Error(usage) as choose_device_layout().
[[nodiscard]] DevicePlan plan_device_network(const ModelSpec& spec, int threads,
                                             const OwnerLimits& owners = {});

/// Builds the network with `threads` threads, and the device's part of it.
///
/// Each engine of it is used in a thread of its own, and the device does at once what they ask for at about
/// the same time.
/// @throws what make_cpu_engine() and plan_device_network() throw; Error(device_failed) where the device
/// fails, also in advance();
///         Error(no_room) where it has too little memory after all.
[[nodiscard]] BuiltNetwork build_device_network(const ModelSpec& spec, int threads, std::uint32_t instances,
                                                const MakeExecutor& make_executor,
                                                const BuildOptions& options = {});
/// The only one of its network, at step 0.
[[nodiscard]] std::unique_ptr<Engine> make_device_engine(const ModelSpec& spec, int threads,
                                                         const MakeExecutor& make_executor,
                                                         const BuildOptions& options = {});

}  // namespace sharpwave

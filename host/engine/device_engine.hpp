// The engine that simulates on a GPU: builds the network on the host, hands it to an executor of cuda/, and
// turns what that records into blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/engine/engine.hpp"

namespace sharpwave {

namespace device {
class Executor;
struct DeviceModel;
}  // namespace device

/// The GPU that would be used, as the CUDA runtime tells.
struct CudaDevice {
  bool available = false;
  std::string name;
  std::string reason;  ///< why there is none
  std::uint64_t free_bytes = 0;
};
/// Never fails. A build without CUDA has no device and says so.
[[nodiscard]] CudaDevice find_cuda_device();
[[nodiscard]] bool built_with_cuda();

/// Sizes as plan_network() has them for the host while it builds, and for the device: synapses, state, the
/// delay ring, the log of spikes and samples.
struct DevicePlan {
  NetworkPlan host;
  std::uint64_t synapse_bytes = 0;
  std::uint64_t state_bytes = 0;
  std::uint64_t ring_bytes = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t transient_bytes = 0;  ///< needed during construction only
  std::uint64_t runtime_bytes = 0;    ///< what CUDA itself takes, allowed for
  /// All that depends on the network's size.
  [[nodiscard]] std::uint64_t network_bytes() const {
    return synapse_bytes + state_bytes + ring_bytes + transient_bytes;
  }
  [[nodiscard]] std::uint64_t bytes() const { return network_bytes() + log_bytes + runtime_bytes; }
};
/// @throws Error(invalid_config) as plan_network().
[[nodiscard]] DevicePlan plan_device_network(const ModelSpec& spec, int threads);

/// Builds the network with `threads` threads and returns an engine on the GPU at step 0.
/// @throws what make_cpu_engine() throws; Error(device_failed) where the runtime fails, also in advance();
///         Error(no_room) where the device has too little memory after all.
[[nodiscard]] std::unique_ptr<Engine> make_cuda_engine(const ModelSpec& spec, int threads,
                                                       const BuildOptions& options = {});

/// The same on an executor of the caller's.
using MakeExecutor = std::function<std::unique_ptr<device::Executor>(const device::DeviceModel&)>;
[[nodiscard]] std::unique_ptr<Engine> make_device_engine(const ModelSpec& spec, int threads,
                                                         const MakeExecutor& make_executor,
                                                         const BuildOptions& options = {});

}  // namespace sharpwave

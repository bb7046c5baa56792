// Where the rows of a network for a device are drawn: there, or on the host, which copies them
// (docs/decisions/0024).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/engine/device_models.hpp"
#include "host/engine/engine.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

struct RowDrawing {
  bool on_device = false;
  std::string why;  ///< one line: where, and why not on the device
};

/// SHARPWAVE_GPU_CONSTRUCTION=device|host in the environment asks for one of them.
/// @throws Error(usage) where it has another value, or the device cannot draw the rows that it is asked to.
[[nodiscard]] RowDrawing choose_row_drawing(const ModelSpec& spec, const MakeExecutor& make_executor,
                                            const BuildOptions& options);

/// What drawing takes on the device besides the rows and the size of each segment, at most, in a network
/// whose rows can be drawn; else 0.
[[nodiscard]] double drawing_bytes(const ModelSpec& spec);

struct DrawnOnDevice {
  Network network;  ///< build_network()'s, but without rows and bits
  std::shared_ptr<device::DrawnRows> rows;
};

/// The synapses of each segment are build_network()'s, in any order.
/// @throws what build_network() throws; Error(device_failed), Error(no_room) of the device.
[[nodiscard]] DrawnOnDevice draw_network(const ModelSpec& spec, const NetworkShape& shape,
                                         const MakeExecutor& make_executor,
                                         const std::function<bool()>& stop);

}  // namespace sharpwave

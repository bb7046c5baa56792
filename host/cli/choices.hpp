// What a command decides from the command line, the environment, the config and the machine.
#pragma once

#include <optional>

#include "host/network/model_spec.hpp"
#include "host/run/device_choice.hpp"

namespace sharpwave::cli {

/// The command line's number, else SHARPWAVE_THREADS, else the config's, else what suits the network and the
/// machine. @throws Error(usage) for a variable that is no number of threads.
[[nodiscard]] int resolve_threads(const std::optional<int>& given, const ModelSpec& spec);

/// As the config asks for; the log says where it is the CPU for want of a GPU.
[[nodiscard]] DeviceChoice device_for(const ModelSpec& spec);

}  // namespace sharpwave::cli

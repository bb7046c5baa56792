// Where a run takes place.
#pragma once

#include <cstdint>
#include <string>

#include "host/engine/device_engine.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

struct DeviceChoice {
  bool on_gpu = false;
  std::string name = "cpu";      ///< "cpu" or the GPU's name
  std::string why_cpu;           ///< where a GPU would have been taken: why there is none
  std::uint64_t free_bytes = 0;  ///< of the GPU
  MakeExecutor make_executor;    ///< on the GPU
};

/// `automatic` takes the GPU where there is one, else the CPU.
/// @throws Error(no_device) where a GPU is asked for and there is none; says why.
[[nodiscard]] DeviceChoice choose_device(const ModelSpec& spec);

}  // namespace sharpwave

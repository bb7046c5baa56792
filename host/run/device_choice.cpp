#include "host/run/device_choice.hpp"

#include "host/base/error.hpp"

namespace sharpwave {

DeviceChoice choose_device(const ModelSpec& spec) {
  const DeviceKind kind = spec.device.kind;
  DeviceChoice choice;
  if (kind == DeviceKind::cpu) return choice;
  if (kind == DeviceKind::automatic && spec.replayed_into) {
    choice.why_cpu = "memory.couple.replay is of the processor alone";
    return choice;
  }
  const CudaDevice device = find_cuda_device();
  if (device.available)
    return {.on_gpu = true,
            .name = device.name,
            .free_bytes = device.free_bytes,
            .make_executor = device.make_executor};
  if (kind == DeviceKind::cuda)
    throw Error(ExitCode::no_device, "device: cuda was asked for, but there is none: " + device.reason);
  if (built_with_cuda()) choice.why_cpu = device.reason;
  return choice;
}

}  // namespace sharpwave

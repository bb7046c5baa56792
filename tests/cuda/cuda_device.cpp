// The CUDA executor on this machine's GPU.
#include "host/engine/device_engine.hpp"
#include "tests/contract/device_contract.hpp"

namespace sharpwave::testing {

DeviceUnderTest device_under_test() {
  const CudaDevice device = find_cuda_device();
  return {.make_executor = device.make_executor,
          .steps = 1200,
          .missing = device.available ? "" : "no GPU: " + device.reason};
}

}  // namespace sharpwave::testing

// The CUDA executor on this machine's GPU.
#include "host/engine/device_engine.hpp"
#include "tests/contract/device_contract.hpp"

namespace sharpwave::testing {
namespace {

std::unique_ptr<Engine> make(const ModelSpec& spec) {
  return make_cuda_engine(spec, 1);
}

}  // namespace

DeviceUnderTest device_under_test() {
  const CudaDevice device = find_cuda_device();
  return {.make = make, .steps = 1200, .missing = device.available ? "" : "no GPU: " + device.reason};
}

}  // namespace sharpwave::testing

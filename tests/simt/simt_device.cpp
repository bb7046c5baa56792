// The kernels' source, run by threads.
#include "host/engine/device_engine.hpp"
#include "tests/contract/device_contract.hpp"
#include "tests/simt/simt_backend.hpp"

namespace sharpwave::testing {
namespace {

std::unique_ptr<Engine> make(const ModelSpec& spec) {
  return make_device_engine(spec, 1, device::make_executor_on<simt::SimtBackend>);
}

}  // namespace

// A step takes about 6 ms of threads waiting for each other.
DeviceUnderTest device_under_test() {
  return {.make = make, .steps = 200, .missing = {}};
}

}  // namespace sharpwave::testing

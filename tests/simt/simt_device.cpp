// The kernels' source, run by threads.
#include "tests/contract/device_contract.hpp"
#include "tests/simt/simt_backend.hpp"

namespace sharpwave::testing {

// A step takes about 6 ms of threads waiting for each other.
DeviceUnderTest device_under_test() {
  return {.make_executor = device::make_executor_on<simt::SimtBackend>, .steps = 200, .missing = {}};
}

}  // namespace sharpwave::testing

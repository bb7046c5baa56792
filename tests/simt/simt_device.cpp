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

// A step takes about 20 ms of threads waiting for each other, and longer under sanitizers.
DeviceUnderTest device_under_test() {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  constexpr std::uint64_t kSteps = 60;
#else
  constexpr std::uint64_t kSteps = 150;
#endif
  return {.make = make, .steps = kSteps};
}

}  // namespace sharpwave::testing

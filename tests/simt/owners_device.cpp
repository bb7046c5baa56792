// The kernels' source, run on the host, by owners where a network's neurons can be simulated by them.
#include "tests/contract/device_contract.hpp"
#include "tests/simt/simt_backend.hpp"

namespace sharpwave::testing {

// No number of neurons in the contract's networks is a multiple of these.
DeviceUnderTest device_under_test() {
  return {.make_executor = {.make = device::make_executor_on<simt::SimtBackend>,
                            .owners = {.n_owners = simt::SimtBackend::kMostOwners, .shared_bytes = 227 << 10},
                            .draw_rows = device::draw_rows_on<simt::SimtBackend>},
          .steps = 200,
          .missing = {}};
}

}  // namespace sharpwave::testing

// The kernels' source, run on the host.
#include "tests/contract/device_contract.hpp"
#include "tests/simt/simt_backend.hpp"

namespace sharpwave::testing {

DeviceUnderTest device_under_test() {
  return {.make_executor = {.make = device::make_executor_on<simt::SimtBackend>,
                            .draw_rows = device::draw_rows_on<simt::SimtBackend>},
          .steps = 200,
          .missing = {}};
}

}  // namespace sharpwave::testing

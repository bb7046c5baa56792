// The contract of the engines on a device: one body of tests (device_contract_test.cpp), and for each
// executor a file that says how to make its engine.
#pragma once

#include <memory>
#include <string>

#include "host/engine/engine.hpp"

namespace sharpwave::testing {

struct DeviceUnderTest {
  std::unique_ptr<Engine> (*make)(const ModelSpec& spec);
  std::uint64_t steps;  ///< to simulate: as many as the time allows
  std::string missing;  ///< why there is none here; the tests are skipped, or fail where one is required
};
[[nodiscard]] DeviceUnderTest device_under_test();

}  // namespace sharpwave::testing

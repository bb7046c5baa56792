// The contract of the engines on a device: one body of tests (device_contract_test.cpp), and for each
// executor a file that says how to make its engine.
#pragma once

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "host/engine/device_engine.hpp"
#include "host/engine/engine.hpp"

namespace sharpwave::testing {

struct DeviceUnderTest {
  MakeExecutor make_executor;
  std::uint64_t steps;  ///< to simulate: as many as the time allows
  std::string missing;  ///< why there is none here; the tests are skipped, or fail where one is required

  /// Empty where there is one.
  /// @throws std::runtime_error where one is required.
  [[nodiscard]] std::string reason_to_skip() const {
    if (missing.empty()) return {};
    const char* required = std::getenv("SHARPWAVE_REQUIRE_GPU");
    if (required != nullptr && std::string(required) == "1")
      throw std::runtime_error("SHARPWAVE_REQUIRE_GPU is set, but: " + missing);
    return "NOT TESTED: " + missing;
  }
  [[nodiscard]] std::unique_ptr<Engine> make(const ModelSpec& spec) const {
    return make_device_engine(spec, 1, make_executor);
  }
};
[[nodiscard]] DeviceUnderTest device_under_test();

}  // namespace sharpwave::testing

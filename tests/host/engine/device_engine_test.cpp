// How the engine on a device deals with an executor that fails.
#include "host/engine/device_engine.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "cuda/executor.hpp"
#include "host/base/error.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr const char* kMessage = "cuda/x.cu:7: cudaGraphLaunch(...): cudaErrorIllegalAddress, a bad address";

class FailingExecutor final : public device::Executor {
 public:
  void place(std::uint32_t, const device::InstanceModel&) override {}
  void vacate(std::uint32_t) override {
    if (started_ > 32) throw device::RuntimeError("cuda/x.cu:8: whatever follows from it", false);
  }
  [[nodiscard]] std::uint64_t allocated_bytes(std::uint32_t) const override { return 0; }
  [[nodiscard]] std::uint64_t most_steps(std::uint32_t) const override { return 16; }
  [[nodiscard]] std::string kernels(std::uint32_t) const override { return "none"; }
  void start(std::span<const device::SeatSteps> stretch) override {
    for (const device::SeatSteps& seat : stretch) started_ += seat.n_steps;
  }
  void wait() override {
    if (started_ > 32) throw device::RuntimeError(kMessage, false);
  }
  void drain(std::uint32_t, device::Drained& out) override { out.rows.assign(17, 0); }
  void record(std::uint32_t, const std::vector<device::Report>&) override {}
  void present(std::uint32_t, const device::PresentedModel&) override {}
  void read_state(std::uint32_t, device::NeuronValues&) override {
    throw device::RuntimeError(kMessage, false);
  }
  void read_plastic(std::uint32_t, std::vector<device::PlasticValues>&) override {}
  void restore(std::uint32_t, std::uint64_t, const device::NeuronValues&,
               const std::vector<device::FiredInStep>&, const std::vector<device::PlasticValues>&,
               std::span<const Region>, const device::PresentedModel&) override {}
  void read_regions(std::uint32_t, std::span<const Region>) override {}
  void read_levels(std::uint32_t, std::span<const Region>) override {}
  void give(std::uint32_t, std::span<const Region>) override {}

 private:
  std::uint64_t started_ = 0;
};

ExitCode code_of(const std::function<void()>& call, std::string& message) {
  try {
    call();
  } catch (const Error& error) {
    message = error.what();
    return error.code();
  }
  return ExitCode::ok;
}

TEST(DeviceEngine, AFailureDuringTheRunHasACodeOfItsOwnAndTheRuntimesWords) {
  const auto engine = make_device_engine(contract_networks()[0].spec, 1,
                                         {.make = [](const device::NetworkModel&, std::uint32_t) {
                                           return std::make_unique<FailingExecutor>();
                                         }});
  Block block;
  engine->advance(32, block);
  EXPECT_EQ(engine->step(), 32u);
  EXPECT_EQ(block.offsets.size(), 33u);
  std::string message;
  EXPECT_EQ(code_of([&] { engine->advance(1, block); }, message), ExitCode::device_failed);
  EXPECT_EQ(message, kMessage);
  EXPECT_EQ(code_of([&] { static_cast<void>(engine->save()); }, message), ExitCode::device_failed);
}

TEST(DeviceEngine, AFailureIsToldToAllInstances) {
  const ModelSpec spec = contract_networks()[0].spec;
  const MakeExecutor failing{
      .make = [](const device::NetworkModel&, std::uint32_t) { return std::make_unique<FailingExecutor>(); }};
  const BuiltNetwork built = build_device_network(spec, 1, 2, failing);
  std::unique_ptr<Engine> one = make_engine(spec, built);
  std::unique_ptr<Engine> other = make_engine(spec, built);
  const auto advance = [](std::unique_ptr<Engine>& engine, ExitCode& code) {
    std::string message;
    Block block;
    code = code_of([&] { engine->advance(48, block); }, message);
    engine.reset();  // what that brings is not what the other is told
    EXPECT_EQ(message, kMessage);
  };
  ExitCode code = ExitCode::ok;
  ExitCode other_code = ExitCode::ok;
  std::thread beside([&] { advance(other, other_code); });
  advance(one, code);
  beside.join();
  EXPECT_EQ(code, ExitCode::device_failed);
  EXPECT_EQ(other_code, ExitCode::device_failed);
}

TEST(DeviceEngine, MemoryThatIsShortAfterAllIsNoRoom) {
  const auto fail = [](const device::NetworkModel&, std::uint32_t) -> std::unique_ptr<device::Executor> {
    throw device::RuntimeError("cuda/x.cu:7: cudaMallocAsync(...): out of memory", true);
  };
  std::string message;
  EXPECT_EQ(
      code_of([&] { (void)make_device_engine(contract_networks()[0].spec, 1, {.make = fail}); }, message),
      ExitCode::no_room);
  EXPECT_NE(message.find("out of memory"), std::string::npos);
}

TEST(DeviceEngine, ThePlanGrowsWithTheLongestDelay) {
  ModelSpec spec = contract_networks()[0].spec;
  const DevicePlan before = plan_device_network(spec, 1);
  spec.projections[0].delay_ms = Distribution::constant(409.5);  // 4,095 steps: 4,096 rows
  const DevicePlan after = plan_device_network(spec, 1);
  EXPECT_EQ(after.ring_bytes, 4096u * before.host.n_neurons * 2 * 8);
  EXPECT_GT(after.bytes(), before.bytes());
}

}  // namespace
}  // namespace sharpwave::testing

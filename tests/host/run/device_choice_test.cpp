#include "host/run/device_choice.hpp"

#include <gtest/gtest.h>

#include "host/base/error.hpp"
#include "host/engine/device_engine.hpp"
#include "host/network/protocol_spec.hpp"

namespace sharpwave {
namespace {

ModelSpec asking_for(DeviceKind kind) {
  ModelSpec spec;
  spec.device.kind = kind;
  return spec;
}

TEST(DeviceChoice, TheCpuIsTakenWhereItIsAskedFor) {
  const DeviceChoice choice = choose_device(asking_for(DeviceKind::cpu));
  EXPECT_FALSE(choice.on_gpu);
  EXPECT_EQ(choice.name, "cpu");
  EXPECT_EQ(choice.why_cpu, "");
}

TEST(DeviceChoice, WithoutAGpuTheCpuIsTakenAndTheReasonKept) {
  const CudaDevice device = find_cuda_device();
  if (device.available) GTEST_SKIP() << "there is a GPU here: " << device.name;
  const DeviceChoice choice = choose_device(asking_for(DeviceKind::automatic));
  EXPECT_FALSE(choice.on_gpu);
  EXPECT_EQ(choice.name, "cpu");
  EXPECT_EQ(choice.why_cpu, built_with_cuda() ? device.reason : "");
  EXPECT_NE(device.reason, "");
}

TEST(DeviceChoice, WithoutAGpuAskingForOneIsRefused) {
  const CudaDevice device = find_cuda_device();
  if (device.available) GTEST_SKIP() << "there is a GPU here: " << device.name;
  try {
    static_cast<void>(choose_device(asking_for(DeviceKind::cuda)));
    FAIL() << "a device that is not there was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::no_device);
    EXPECT_EQ(std::string(error.what()), "device: cuda was asked for, but there is none: " + device.reason);
  }
}

TEST(DeviceChoice, AProtocolMakesNoDifference) {
  const DeviceChoice without = choose_device(asking_for(DeviceKind::automatic));
  ModelSpec spec = asking_for(DeviceKind::automatic);
  spec.protocol = std::make_shared<const ProtocolSpec>();
  const DeviceChoice choice = choose_device(spec);
  EXPECT_EQ(choice.on_gpu, without.on_gpu);
  EXPECT_EQ(choice.name, without.name);
  EXPECT_EQ(choice.why_cpu, without.why_cpu);
}

TEST(DeviceChoice, AGpuIsTakenWhereThereIsOne) {
  const CudaDevice device = find_cuda_device();
  if (!device.available) GTEST_SKIP() << "there is no GPU here: " << device.reason;
  for (const DeviceKind kind : {DeviceKind::automatic, DeviceKind::cuda}) {
    EXPECT_TRUE(choose_device(asking_for(kind)).on_gpu);
    EXPECT_EQ(choose_device(asking_for(kind)).name, device.name);
  }
}

}  // namespace
}  // namespace sharpwave

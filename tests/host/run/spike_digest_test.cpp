#include "host/run/spike_digest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sharpwave {
namespace {

using Ids = std::vector<std::uint32_t>;

TEST(SpikeDigest, OfNoSpikesIsZero) {
  EXPECT_EQ(SpikeDigest().hex(), std::string(64, '0'));
}

// Computed with Python:
//   import hashlib, struct
//   d = bytes(32)
//   for step, ids in [(1, [0, 2, 7]), (4, [5]), (300, [4294967294, 4294967294])]:
//       d = hashlib.sha256(d + struct.pack('<QQ', step, len(ids)) + struct.pack('<%dQ' % len(ids),
//       *ids)).digest() print(d.hex())
constexpr const char* kAfterStep1 = "60f7be2a4257eff3b87f5b61943c90c3ea0e19a5b058fa358927e7d3fc763614";
constexpr const char* kAfterStep4 = "2bf38eb6fa1f01158ae29e1fd8a23d97185d87c261caa926418abcb51af56cb2";
constexpr const char* kAfterStep300 = "e0b72b69256d247c5be3d2c4020fcf2352783bb366c9a64ae4214a00c6c6ddd4";

TEST(SpikeDigest, ChainsStepAfterStep) {
  SpikeDigest digest;
  digest.add_step(1, Ids{0, 2, 7});
  EXPECT_EQ(digest.hex(), kAfterStep1);
  digest.add_step(4, Ids{5});
  EXPECT_EQ(digest.hex(), kAfterStep4);
  digest.add_step(300, Ids{4294967294U, 4294967294U});
  EXPECT_EQ(digest.hex(), kAfterStep300);
}

TEST(SpikeDigest, AStepWithoutSpikesChangesNothing) {
  SpikeDigest digest;
  digest.add_step(1, Ids{0, 2, 7});
  digest.add_step(2, Ids{});
  digest.add_step(3, Ids{});
  digest.add_step(4, Ids{5});
  EXPECT_EQ(digest.hex(), kAfterStep4);
}

TEST(SpikeDigest, DoesNotDependOnHowTheRunIsCutIntoBlocks) {
  SpikeDigest digest;
  Block block;
  block.first_step = 1;
  block.n_steps = 3;
  block.offsets = {0, 3, 3, 3};
  block.ids = {0, 2, 7};
  digest.add_block(block);
  block.first_step = 4;
  block.n_steps = 1;
  block.offsets = {0, 1};
  block.ids = {5};
  digest.add_block(block);
  EXPECT_EQ(digest.hex(), kAfterStep4);
}

}  // namespace
}  // namespace sharpwave

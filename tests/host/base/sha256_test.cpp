#include "host/base/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sharpwave {
namespace {

// FIPS 180-2, appendix B.1 and B.2.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, ANewMessageBeginsAfterFinishAndAfterReset) {
  Sha256 hash;
  hash.update("abc", 3);
  const Sha256::Digest first = hash.finish();
  hash.update("something else", 14);
  hash.reset();
  hash.update("a", 1);
  hash.update("bc", 2);
  EXPECT_EQ(hash.finish(), first);
}

}  // namespace
}  // namespace sharpwave

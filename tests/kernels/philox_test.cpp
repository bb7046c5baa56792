#include "kernels/philox.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace sharpwave {
namespace {

// Random123 1.14, tests/kat_vectors, lines "philox4x32 10".
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32_10({0, 0}, 0, 0), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32_10({0xffffffff, 0xffffffff}, ~0ULL, ~0ULL),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  // The counter is the digits of pi, 243f6a88 85a308d3 13198a2e 03707344, in the order of the words.
  EXPECT_EQ(philox4x32_10({0xa4093822, 0x299f31d0}, 0x85a308d3243f6a88, 0x0370734413198a2e),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, HasOneNamePerPurpose) {
  std::set<std::string> names;
  const auto last = static_cast<int>(RandomPurpose::window_shuffle);
  for (int k = 0; k <= last; ++k) names.insert(purpose_name(static_cast<RandomPurpose>(k)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_EQ(names.count(""), 0U);
}

}  // namespace
}  // namespace sharpwave

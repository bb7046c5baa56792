#include "host/watchdog/unsound.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sharpwave {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

EngineState state_of(std::vector<double> v, std::vector<double> i) {
  EngineState state;
  state.populations = {{"A", {{"V_m", std::vector<double>{1, 2}}}, {0, 0}},
                       {"B", {{"V_m", std::move(v)}, {"I_syn_ex", std::move(i)}}, {0, 0, 0}}};
  return state;
}

TEST(Unsound, IsWhatIsNotFiniteOrBeyondTheBound) {
  EXPECT_FALSE(find_unsound(state_of({10, -10, 0}, {1e300, 0, 0}), 10));
  const auto beyond = find_unsound(state_of({10, -10, 10.5}, {0, 0, 0}), 10);
  ASSERT_TRUE(beyond);
  EXPECT_EQ(beyond->count, 1U);
  EXPECT_EQ(beyond->first.population, 1U);
  EXPECT_EQ(beyond->first.variable, 0U);
  EXPECT_EQ(beyond->first.neuron, 2U);
  for (const double bad : {kNan, kInf, -kInf}) {
    const auto found = find_unsound(state_of({0, 0, 0}, {0, bad, 0}), 10);
    ASSERT_TRUE(found) << bad;
    EXPECT_EQ(found->first.variable, 1U);
    EXPECT_EQ(found->first.neuron, 1U);
  }
}

TEST(Unsound, TheFirstIsThatOfTheFirstNeuron) {
  const auto found = find_unsound(state_of({0, 0, kNan}, {0, kNan, kNan}), 10);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->count, 3U);
  EXPECT_EQ(found->first.neuron, 1U);
  EXPECT_EQ(found->first.variable, 1U);
}

TEST(Unsound, IsClampedToWhatWasBefore) {
  EngineState state = state_of({kNan, -99, 3}, {kInf, 5, kNan});
  clamp_unsound(state, state_of({7, -8, 9}, {4, 6, -kInf}), 10);
  EXPECT_EQ(state, state_of({7, -8, 3}, {4, 5, 0})) << "0 where it was bad before";
  EXPECT_FALSE(find_unsound(state, 10));
}

}  // namespace
}  // namespace sharpwave

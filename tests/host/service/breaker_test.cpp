#include "host/service/breaker.hpp"

#include <gtest/gtest.h>

namespace sharpwave::service {
namespace {

using Permission = CircuitBreaker::Permission;
using std::chrono::seconds;

class BreakerTest : public ::testing::Test {
 protected:
  void fail(int times) {
    for (int i = 0; i < times; ++i) breaker_.failed();
  }
  CircuitBreaker::Clock::time_point now_{};
  CircuitBreaker breaker_{{.failures = 5, .open_for = seconds(60)}, [this] { return now_; }};
};

TEST_F(BreakerTest, OpensAfterFiveFailuresInARow) {
  fail(4);
  EXPECT_EQ(breaker_.ask(), Permission::granted);
  breaker_.succeeded();
  fail(4);
  EXPECT_EQ(breaker_.ask(), Permission::granted) << "one that worked stands between";
  fail(1);
  EXPECT_EQ(breaker_.ask(), Permission::refused);
  EXPECT_EQ(breaker_.status().state, BreakerState::open);
  EXPECT_EQ(breaker_.status().opened, 1U);
  EXPECT_EQ(breaker_.status().failures, 9U);
  EXPECT_DOUBLE_EQ(breaker_.status().retry_after_s, 60);
}

TEST_F(BreakerTest, LetsOneTryAfterAMinuteAndClosesWhereThatWorks) {
  fail(5);
  now_ += seconds(59);
  EXPECT_EQ(breaker_.ask(), Permission::refused);
  EXPECT_DOUBLE_EQ(breaker_.status().retry_after_s, 1);
  now_ += seconds(1);
  EXPECT_EQ(breaker_.ask(), Permission::trial);
  EXPECT_EQ(breaker_.status().state, BreakerState::half_open);
  EXPECT_EQ(breaker_.ask(), Permission::refused) << "one alone";
  breaker_.succeeded();
  EXPECT_EQ(breaker_.ask(), Permission::granted);
}

TEST_F(BreakerTest, OpensAgainWhereTheTrialFails) {
  fail(5);
  now_ += seconds(60);
  EXPECT_EQ(breaker_.ask(), Permission::trial);
  breaker_.failed();
  EXPECT_EQ(breaker_.ask(), Permission::refused);
  EXPECT_EQ(breaker_.status().opened, 2U);
  now_ += seconds(60);
  EXPECT_EQ(breaker_.ask(), Permission::trial);
}

TEST_F(BreakerTest, LetsAnotherOneTryWhereTheFirstNeverComesBack) {
  fail(5);
  now_ += seconds(60);
  EXPECT_EQ(breaker_.ask(), Permission::trial);
  now_ += seconds(60);
  EXPECT_EQ(breaker_.ask(), Permission::trial);
}

TEST_F(BreakerTest, WhatBeganBeforeItOpenedDoesNotCloseIt) {
  fail(5);
  breaker_.succeeded();
  EXPECT_EQ(breaker_.ask(), Permission::refused);
  breaker_.reset();
  EXPECT_EQ(breaker_.ask(), Permission::granted);
  fail(4);
  EXPECT_EQ(breaker_.ask(), Permission::granted);
}

}  // namespace
}  // namespace sharpwave::service

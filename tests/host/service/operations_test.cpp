#include "host/service/operations.hpp"

#include <gtest/gtest.h>

namespace sharpwave::service {
namespace {

using std::chrono::seconds;

TEST(OperationLog, CountsByOutcomeAndByTime) {
  OperationLog log;
  for (const double s : {.00005, .0001, .003, 20.}) log.note(Operation::search, Outcome::ok, s);
  log.note(Operation::search, Outcome::refused, 1);
  log.note(Operation::store, Outcome::failed, 1);
  const auto counts = log.counts();
  const auto& searches = counts.at(static_cast<std::size_t>(Operation::search));
  EXPECT_EQ(searches.by_outcome, (std::array<std::uint64_t, 3>{4, 1, 0}));
  EXPECT_EQ(searches.by_time.front(), 2U) << "an upper end belongs to its bin";
  EXPECT_EQ(searches.by_time.back(), 1U);
  EXPECT_DOUBLE_EQ(searches.seconds, .00005 + .0001 + .003 + 20);
  EXPECT_EQ(counts.at(static_cast<std::size_t>(Operation::store)).by_outcome.at(2), 1U);
}

TEST(OperationLog, KnowsTheQuantilesOfTheNewest) {
  OperationLog log;
  for (int i = 1; i <= 100; ++i) log.note(Operation::fetch, Outcome::ok, i);
  const auto latency = log.latency(seconds(60));
  ASSERT_EQ(latency.size(), 1U);
  EXPECT_EQ(latency[0].operation, Operation::fetch);
  EXPECT_EQ(latency[0].n, 100U);
  EXPECT_DOUBLE_EQ(latency[0].p50_s, 50);
  EXPECT_DOUBLE_EQ(latency[0].p95_s, 95);
  EXPECT_DOUBLE_EQ(latency[0].p99_s, 99);
  EXPECT_DOUBLE_EQ(latency[0].most_s, 100);
  EXPECT_TRUE(log.latency(seconds(-1)).empty()) << "all ended before";
  for (std::size_t i = 0; i < OperationLog::kKept; ++i) log.note(Operation::fetch, Outcome::ok, 1000);
  EXPECT_EQ(log.latency(seconds(60))[0].n, OperationLog::kKept);
  EXPECT_DOUBLE_EQ(log.latency(seconds(60))[0].p50_s, 1000);
}

}  // namespace
}  // namespace sharpwave::service

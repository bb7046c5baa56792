#include "host/service/operations.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::service {
namespace {

/// The smallest of which a share `p` is not larger. @param sorted  not empty.
double quantile(const std::vector<double>& sorted, double p) {
  const double rank = std::ceil(p * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.)) - 1];
}

}  // namespace

const char* name_of(Operation operation) {
  switch (operation) {
    case Operation::store:
      return "store";
    case Operation::fetch:
      return "fetch";
    case Operation::erase:
      return "delete";
    case Operation::list:
      return "list";
    case Operation::search:
      return "search";
    case Operation::consolidate:
      return "consolidate";
    case Operation::verify:
      return "verify";
    case Operation::rebuild_index:
      return "rebuild_index";
    case Operation::checkpoint:
      return "checkpoint";
    case Operation::status:
      return "status";
  }
  return "";
}

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::refused:
      return "refused";
    case Outcome::failed:
      return "failed";
  }
  return "";
}

void OperationLog::note(Operation operation, Outcome outcome, double seconds) {
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_.at(static_cast<std::size_t>(operation));
  ++kept.counts.by_outcome.at(static_cast<std::size_t>(outcome));
  if (outcome != Outcome::ok) return;
  const auto bin = std::ranges::lower_bound(kBins, seconds) - kBins.begin();
  ++kept.counts.by_time.at(static_cast<std::size_t>(bin));
  kept.counts.seconds += seconds;
  const Sample sample{.when = Clock::now(), .seconds = seconds};
  if (kept.samples.size() < kKept) {
    kept.samples.push_back(sample);
  } else {
    kept.samples[kept.next] = sample;
    kept.next = (kept.next + 1) % kKept;
  }
}

std::array<OperationLog::Counts, kOperations.size()> OperationLog::counts() const {
  const std::lock_guard lock(mutex_);
  std::array<Counts, kOperations.size()> counts;
  std::ranges::transform(kept_, counts.begin(), &Kept::counts);
  return counts;
}

std::vector<OperationLog::Latency> OperationLog::latency(std::chrono::duration<double> window) const {
  const Clock::time_point now = Clock::now();
  std::vector<Latency> result;
  for (const Operation operation : kOperations) {
    std::vector<double> seconds;
    {
      const std::lock_guard lock(mutex_);
      for (const Sample& sample : kept_.at(static_cast<std::size_t>(operation)).samples)
        if (now - sample.when <= window) seconds.push_back(sample.seconds);
    }
    if (seconds.empty()) continue;
    std::ranges::sort(seconds);
    result.push_back({.operation = operation,
                      .n = seconds.size(),
                      .p50_s = quantile(seconds, .5),
                      .p95_s = quantile(seconds, .95),
                      .p99_s = quantile(seconds, .99),
                      .most_s = seconds.back()});
  }
  return result;
}

}  // namespace sharpwave::service

#include "host/engine/engine.hpp"

#include <algorithm>

#include "host/base/error.hpp"

namespace sharpwave {

void Block::begin(std::uint64_t first, std::uint64_t n, const std::vector<ReportSpec>& report_specs) {
  first_step = first;
  n_steps = n;
  offsets.assign(1, 0);
  ids.clear();
  unsound = false;
  reports.resize(report_specs.size());
  for (std::size_t r = 0; r < reports.size(); ++r) {
    reports[r].steps.clear();
    reports[r].values.clear();
    for (std::uint64_t step = first; step < first + n; ++step)
      if (report_specs[r].times.includes(step)) reports[r].steps.push_back(step);
  }
}

void Block::cut_after(std::uint64_t step) {
  SHARPWAVE_ASSERT(step >= first_step && step < first_step + n_steps);
  n_steps = step - first_step + 1;
  offsets.resize(n_steps + 1);
  ids.resize(offsets.back());
  for (ReportSamples& samples : reports) {
    if (samples.steps.empty()) continue;
    const std::size_t n_values = samples.values.size() / samples.steps.size();  // of one sample
    const auto later = std::ranges::upper_bound(samples.steps, step);
    samples.steps.erase(later, samples.steps.end());
    samples.values.resize(n_values * samples.steps.size());
  }
}

}  // namespace sharpwave

#include "host/engine/engine.hpp"

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

}  // namespace sharpwave

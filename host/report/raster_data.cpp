#include "host/report/raster_data.hpp"

#include <algorithm>
#include <limits>

#include "host/report/packing.hpp"

namespace sharpwave::report {
namespace {

// So that a small population does not vanish beside a large one.
constexpr std::uint64_t kLeastRows = 20;

}  // namespace

RasterData::RasterData(const analysis::RecordedRun& run, std::uint64_t most_spikes)
    : run_(run), most_spikes_(std::max<std::uint64_t>(most_spikes, 1)) {
  std::uint64_t n_spikes = 0;
  for (const analysis::PopulationRecord& population : run.populations)
    if (population.recorded > 0) n_spikes += population.spikes;
  stride_ = std::max<std::uint64_t>(1, (n_spikes + most_spikes_ - 1) / most_spikes_);
}

void RasterData::add(const analysis::PopulationRecord& population, const analysis::Spikes& spikes) {
  // Of a population that was recorded in part only those are known that fired.
  const bool whole = population.recorded == population.size;
  const std::uint64_t n_known = whole ? population.size : spikes.fired.size();
  const std::uint64_t stride = std::clamp<std::uint64_t>(n_known / kLeastRows, 1, stride_);
  const std::uint64_t n_rows = (n_known + stride - 1) / stride;
  for (std::size_t i = 0; i < spikes.steps.size(); ++i) {
    const std::uint64_t place = whole ? spikes.fired[spikes.neurons[i]] : spikes.neurons[i];
    const std::uint64_t step = spikes.steps[i] - run_.first_step;
    if (place % stride != 0 || step > std::numeric_limits<std::uint32_t>::max()) continue;
    spikes_.push_back(
        {static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(n_rows_ + place / stride)});
  }
  populations_.push_back({.name = population.name,
                          .size = population.size,
                          .recorded = population.recorded,
                          .stride = stride,
                          .rows = n_rows,
                          .first_row = n_rows_,
                          .spikes = spikes.steps.size()});
  n_rows_ += n_rows;
}

Json RasterData::finish() {
  std::stable_sort(spikes_.begin(), spikes_.end(),
                   [](const Spike& a, const Spike& b) { return a.step < b.step; });
  std::uint64_t n_steps = std::min<std::uint64_t>(run_.n_steps, std::numeric_limits<std::uint32_t>::max());
  if (spikes_.size() > most_spikes_) {
    n_steps = std::max<std::uint64_t>(1, spikes_[most_spikes_].step - 1);  // steps that are shown whole
    const auto beyond = std::find_if(spikes_.begin(), spikes_.end(),
                                     [&](const Spike& spike) { return spike.step > n_steps; });
    spikes_.erase(beyond, spikes_.end());
  }
  std::vector<std::uint32_t> steps;
  std::vector<std::uint32_t> rows;
  for (const Spike& spike : spikes_) {
    steps.push_back(spike.step);
    rows.push_back(spike.row);
  }
  Json list = Json::array();
  for (const Row& p : populations_) {
    const auto is_of = [&](std::uint32_t row) { return row >= p.first_row && row - p.first_row < p.rows; };
    list.push_back({{"name", p.name},
                    {"size", p.size},
                    {"recorded", p.recorded},
                    {"stride", p.stride},
                    {"rows", p.rows},
                    {"first_row", p.first_row},
                    {"shown", std::count_if(rows.begin(), rows.end(), is_of)},
                    {"spikes", p.spikes}});
  }
  return {{"start_ms", run_.start_ms()},
          {"stop_ms", run_.start_ms() + static_cast<double>(n_steps) * run_.dt_ms},
          {"dt_ms", run_.dt_ms},
          {"populations", std::move(list)},
          {"steps_u32", packed<std::uint32_t>(steps)},
          {"rows_u32", packed<std::uint32_t>(rows)}};
}

}  // namespace sharpwave::report

#include "host/run/recorder.hpp"

#include <utility>

#include "host/base/error.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave {

Recorder::Recorder(const ModelSpec& spec, const std::filesystem::path& directory)
    : populations_(spec), dt_ms_(spec.simulation.dt_ms), recorded_(populations_.count()) {
  choose(spec);
  open_spikes(spec, directory);
  open_reports(spec, directory);
}

void Recorder::choose(const ModelSpec& spec) {
  std::vector<std::vector<bool>> chosen(spec.populations.size());
  for (const Slice& slice : spec.record_spikes) {
    std::vector<bool>& elements = chosen[slice.population];
    elements.resize(spec.populations[slice.population].size);
    for (std::uint32_t i = 0; i < slice.size(); ++i) elements[slice[i]] = true;
  }
  std::size_t file_index = 0;
  for (std::size_t rank = 0; rank < recorded_.size(); ++rank) {
    std::vector<bool>& elements = chosen[populations_.index_in_spec(rank)];
    if (elements.empty()) continue;
    recorded_[rank].file_index = file_index++;
    if (std::find(elements.begin(), elements.end(), false) != elements.end()) {
      recorded_[rank].chosen = std::move(elements);
    }
  }
}

std::vector<std::uint64_t> Recorder::recorded() const {
  std::vector<std::uint64_t> counts;
  for (std::size_t rank = 0; rank < recorded_.size(); ++rank) {
    const Recorded& recorded = recorded_[rank];
    const auto n_chosen =
        static_cast<std::uint64_t>(std::count(recorded.chosen.begin(), recorded.chosen.end(), true));
    const std::uint64_t n = recorded.chosen.empty() ? populations_.size(rank) : n_chosen;
    counts.push_back(recorded.file_index ? n : 0);
  }
  return counts;
}

void Recorder::open_spikes(const ModelSpec& spec, const std::filesystem::path& directory) {
  std::vector<RecordedPopulation> in_file;
  for (std::size_t rank = 0; rank < recorded_.size(); ++rank) {
    const PopulationSpec& population = spec.populations[populations_.index_in_spec(rank)];
    if (recorded_[rank].file_index) in_file.push_back({population.name, population.size});
  }
  if (in_file.empty()) return;
  spikes_path_ = directory / "spikes.h5";
  spikes_.emplace(spikes_path_, in_file);
}

void Recorder::open_reports(const ModelSpec& spec, const std::filesystem::path& directory) {
  for (const ReportSpec& report : spec.reports) {
    reports_.emplace_back(directory,
                          ReportHeader{.name = report.name,
                                       .population = spec.populations[report.slice.population].name,
                                       .slice = report.slice,
                                       .variables = report.variables,
                                       .dt_ms = dt_ms_,
                                       .interval_steps = report.times.interval});
  }
}

void Recorder::collect(std::size_t rank, std::span<const std::uint32_t> ids, double time_ms) {
  Recorded& recorded = recorded_[rank];
  if (!recorded.file_index) return;
  for (const std::uint32_t id : ids) {
    const std::uint64_t node = id - populations_.first_id(rank);
    if (!recorded.chosen.empty() && !recorded.chosen[node]) continue;
    recorded.node_ids.push_back(node);
    recorded.times_ms.push_back(time_ms);
  }
}

void Recorder::record(const Block& block) {
  if (spikes_) {
    const std::span<const std::uint32_t> ids(block.ids);
    for (std::uint64_t i = 0; i < block.n_steps; ++i) {
      const double time_ms = time_of_step_ms(block.first_step + i, dt_ms_);
      populations_.split(ids.subspan(block.offsets[i], block.offsets[i + 1] - block.offsets[i]),
                         [&](std::size_t rank, std::span<const std::uint32_t> of_population) {
                           collect(rank, of_population, time_ms);
                         });
    }
    for (Recorded& recorded : recorded_) {
      if (recorded.node_ids.empty()) continue;
      spikes_->append(*recorded.file_index, recorded.node_ids, recorded.times_ms);
      recorded.node_ids.clear();
      recorded.times_ms.clear();
    }
  }
  SHARPWAVE_ASSERT(block.reports.size() == reports_.size());
  for (std::size_t i = 0; i < reports_.size(); ++i) {
    reports_[i].append(block.reports[i].steps, block.reports[i].values);
  }
}

std::vector<std::filesystem::path> Recorder::finish() {
  std::vector<std::filesystem::path> files;
  if (spikes_) {
    spikes_->finish();
    files.push_back(spikes_path_);
  }
  for (ReportWriter& report : reports_) {
    report.finish();
    files.insert(files.end(), report.files().begin(), report.files().end());
  }
  return files;
}

}  // namespace sharpwave

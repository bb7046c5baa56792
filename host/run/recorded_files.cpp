#include "host/run/recorded_files.hpp"

#include <optional>
#include <span>
#include <utility>

#include "host/io/learning_writer.hpp"
#include "host/io/modulator_writer.hpp"
#include "host/io/report_writer.hpp"
#include "host/io/spike_writer.hpp"
#include "host/io/trial_writer.hpp"
#include "host/network/step_times.hpp"

#include "host/run/output_directory.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

/// spikes.h5, if any population is recorded.
class SpikeFile {
 public:
  SpikeFile(const RecordingHeader& header, const fs::path& directory)
      : path_(directory / "spikes.h5"), dt_ms_(header.run.dt_ms), spikes_(header.run.populations.size()) {
    std::vector<RecordedPopulation> in_file;
    for (const RunSummary::Population& population : header.run.populations) {
      in_file_.push_back(in_file.size());
      first_ids_.push_back(first_ids_.back() + population.size);
      if (population.recorded > 0) in_file.push_back({population.name, population.size});
    }
    if (!in_file.empty()) writer_.emplace(path_, in_file);
  }

  void append(const RecordedBlock& block) {
    std::span<const std::uint32_t> rest(block.ids);
    for (const recording::SpikeGroup& group : block.groups) {
      append_step(rest.first(group.n), time_of_step_ms(block.first_step + group.step, dt_ms_));
      rest = rest.subspan(group.n);
    }
  }

  void finish(std::vector<fs::path>& files) {
    if (!writer_) return;
    writer_->finish();
    files.push_back(path_);
  }

  [[nodiscard]] const std::vector<std::uint64_t>& spikes() const { return spikes_; }

 private:
  /// Step by step, so that the bytes of the file do not depend on the blocks.
  void append_step(std::span<const std::uint32_t> ids, double time_ms) {
    for (std::size_t rank = 0; !ids.empty(); ++rank) {
      node_ids_.clear();
      for (; node_ids_.size() < ids.size() && ids[node_ids_.size()] < first_ids_[rank + 1];)
        node_ids_.push_back(ids[node_ids_.size()] - first_ids_[rank]);
      if (node_ids_.empty()) continue;
      times_ms_.assign(node_ids_.size(), time_ms);
      writer_->append(in_file_[rank], node_ids_, times_ms_);
      spikes_[rank] += node_ids_.size();
      ids = ids.subspan(node_ids_.size());
    }
  }

  fs::path path_;
  double dt_ms_;
  std::vector<std::size_t> in_file_;         // [population] its place in the file, if it is recorded
  std::vector<std::uint64_t> first_ids_{0};  // of the populations, and behind the last one
  std::vector<std::uint64_t> spikes_;
  std::vector<std::uint64_t> node_ids_;
  std::vector<double> times_ms_;
  std::optional<SpikeWriter> writer_;
};

/// plasticity.h5, if metrics are recorded, and the files of weights.
class LearningFiles {
 public:
  LearningFiles(const RecordingReader& reader, const fs::path& directory)
      : path_(directory / "plasticity.h5") {
    std::vector<LearningHeader> with_metrics;
    const std::vector<RecordedLearning>& records = reader.header().learning;
    for (std::size_t k = 0; k < records.size(); ++k) {
      const bool is_metrics = records[k].every == 0;
      places_.push_back(is_metrics ? with_metrics.size() : weights_.size());
      if (is_metrics)
        with_metrics.push_back(records[k].header);
      else
        weights_.emplace_back(directory, records[k].header, reader.synapses()[k]);
    }
    if (!with_metrics.empty()) metrics_.emplace(path_, std::move(with_metrics));
  }

  void append(RecordedBlock& block) {
    const std::uint64_t step = block.first_step + block.n_steps - 1;
    for (std::size_t k = 0; k < block.learning.size(); ++k) {
      LearningSample& sample = block.learning[k];
      if (sample.metrics) metrics_->append(places_[k], step, *sample.metrics);
      if (sample.weights) weights_[places_[k]].append(step, std::move(*sample.weights));
    }
  }

  void finish(std::vector<fs::path>& files) {
    if (metrics_) {
      metrics_->finish();
      files.push_back(path_);
    }
    for (WeightWriter& weights : weights_) {
      weights.finish();
      files.push_back(weights.path());
    }
  }

 private:
  fs::path path_;
  std::vector<std::size_t> places_;  // [record] among those of its kind
  std::optional<PlasticityWriter> metrics_;
  std::vector<WeightWriter> weights_;
};

RecordedFiles write_all_files(const fs::path& recording, const fs::path& directory) {
  RecordingReader reader(recording);
  SpikeFile spikes(reader.header(), directory);
  std::vector<ReportWriter> reports;
  for (const RecordedReport& report : reader.header().reports) {
    ReportHeader header = report.header;
    for (std::uint32_t i = 0; i < report.slice.size(); ++i) header.node_ids.push_back(report.slice[i]);
    reports.emplace_back(directory, header);
  }

  LearningFiles learning(reader, directory);
  std::optional<ModulatorWriter> modulators;
  if (reader.header().modulators) modulators.emplace(directory, reader.header().modulators->regions);
  std::optional<TrialWriter> trials;
  const fs::path trials_path = directory / "trials.h5";
  if (!reader.header().phases.empty())
    trials.emplace(trials_path, reader.header().phases, reader.header().run.dt_ms);

  RecordedBlock block;
  while (reader.next(block)) {
    spikes.append(block);
    for (std::size_t i = 0; i < reports.size(); ++i)
      reports[i].append(block.samples[i].steps, block.samples[i].values);
    learning.append(block);
    if (!block.modulators.empty()) modulators->append(block.first_step + block.n_steps - 1, block.modulators);
    if (block.trial) trials->append(*block.trial);
  }

  RecordedFiles result{
      .header = reader.header(), .end = reader.end(), .files = {}, .spikes = spikes.spikes()};
  spikes.finish(result.files);
  for (ReportWriter& report : reports) {
    report.finish();
    result.files.insert(result.files.end(), report.files().begin(), report.files().end());
  }
  learning.finish(result.files);
  if (modulators) result.files.push_back(modulators->finish());
  if (trials) {
    trials->finish();
    result.files.push_back(trials_path);
  }
  return result;
}

}  // namespace

RecordedFiles write_recorded_files(const fs::path& recording, const fs::path& directory) {
  try {
    return write_all_files(recording, directory);
  } catch (...) {
    remove_unfinished_results(directory);  // on a full disk they would stand in the way of everything else
    throw;
  }
}

}  // namespace sharpwave

#include "host/analysis/recorded_report.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "host/base/error.hpp"

namespace sharpwave::analysis {
namespace {

constexpr std::uint64_t kBlockValues = std::uint64_t{1} << 22;
constexpr std::string_view kPrefix = "report_";
constexpr std::string_view kSuffix = ".h5";

bool is_report(const std::string& name) {
  return name.size() > kPrefix.size() + kSuffix.size() && name.starts_with(kPrefix) &&
         name.ends_with(kSuffix);
}

/// The report's name from the file's.
std::string report_name(const std::filesystem::path& file, const std::string& variable) {
  std::string name = file.stem().string();
  if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
  const std::string ending = "_" + variable;
  if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
  return name;
}

std::string required_text(const hdf5::Dataset& dataset, const std::string& attribute) {
  const std::optional<std::string> text = dataset.text_attribute(attribute);
  if (!text)
    throw Error(ExitCode::damaged_data, dataset.where() + ": expected an attribute '" + attribute + "'");
  return *text;
}

/// The group of the one population of the file.
hdf5::Group population_group(const hdf5::File& file, const RecordedRun& run) {
  const hdf5::Group report = file.root().group("report");
  const std::vector<std::string> names = report.names();
  if (names.size() != 1 || run.population(names[0]) == nullptr) {
    throw Error(ExitCode::damaged_data, report.where() + ": expected one population, which run.json knows");
  }
  return report.group(names[0]);
}

}  // namespace

std::vector<std::filesystem::path> report_files(const RecordedRun& run) {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(run.directory, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (is_report(entry->path().filename().string())) files.push_back(entry->path());
  }
  if (failure) {
    throw Error(ExitCode::io, run.directory.string() + ": cannot be listed: " + failure.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

RecordedReport RecordedReport::open(const RecordedRun& run, const std::filesystem::path& path) {
  hdf5::File file = hdf5::File::open(path);
  const hdf5::Group group = population_group(file, run);
  RecordedReport report(std::move(file), group.dataset("data"));
  report.population_ = group.path().substr(std::string_view("/report/").size());
  report.variable_ = required_text(report.data_, "variable_name");
  report.units_ = required_text(report.data_, "units");
  report.name_ = report_name(path, report.variable_);
  report.read_mapping(group.group("mapping"), run);
  return report;
}

void RecordedReport::read_mapping(const hdf5::Group& mapping, const RecordedRun& run) {
  const hdf5::Dataset ids = mapping.dataset("node_ids");
  node_ids_ = ids.read_indices(run.population(population_)->size, "a node id of " + population_);
  if (std::adjacent_find(node_ids_.begin(), node_ids_.end(), std::greater_equal<>()) != node_ids_.end()) {
    throw Error(ExitCode::damaged_data, ids.where() + ": expected ascending node ids");
  }
  const std::vector<std::uint64_t> shape = data_.shape();
  if (shape.size() != 2 || shape[1] != node_ids_.size()) {
    throw Error(ExitCode::damaged_data, data_.where() + ": expected two dimensions, the second of size " +
                                            std::to_string(node_ids_.size()) +
                                            ", as many as there are node ids");
  }
  static_cast<void>(data_.read_rows(0, 0));  // the rows that it says it has are there
  n_frames_ = shape[0];

  const hdf5::Dataset time = mapping.dataset("time");
  const std::vector<double> times = time.read_doubles(3);
  start_ms_ = times[0];
  step_ms_ = times[2];
  // The writer computes the end from the others; a half of a step is for its rounding.
  const auto n = static_cast<double>(n_frames_);
  const double slack_ms = run.dt_ms / 2;
  const bool consistent = step_ms_ > 0 && std::abs((times[1] - start_ms_) / step_ms_ - n) < 0.5;
  const bool inside = n_frames_ == 0 || (start_ms_ > run.start_ms() - slack_ms &&
                                         start_ms_ + (n - 1) * step_ms_ < run.stop_ms() + slack_ms);
  if (!std::isfinite(start_ms_) || !std::isfinite(step_ms_) || !consistent || !inside) {
    throw Error(ExitCode::damaged_data, time.where() + ": expected start, stop and step in ms, of the " +
                                            std::to_string(n_frames_) +
                                            " frames of data, within the run's recorded time");
  }
}

std::vector<float> RecordedReport::read(std::uint64_t most_frames,
                                        std::span<const std::uint32_t> columns) const {
  const std::uint64_t n_nodes = node_ids_.size();
  for (const std::uint32_t column : columns) SHARPWAVE_ASSERT(column < n_nodes);
  const std::uint64_t frames = std::min(most_frames, n_frames_);
  const std::uint64_t block_frames =
      std::max<std::uint64_t>(1, kBlockValues / std::max<std::uint64_t>(n_nodes, 1));
  std::vector<float> values(frames * columns.size());
  for (std::uint64_t first = 0; first < frames && !columns.empty(); first += block_frames) {
    const std::uint64_t n = std::min(block_frames, frames - first);
    const std::vector<float> rows = data_.read_rows(first, n);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      float* const trace = values.data() + i * frames + first;
      for (std::uint64_t frame = 0; frame < n; ++frame) trace[frame] = rows[frame * n_nodes + columns[i]];
    }
  }
  return values;
}

}  // namespace sharpwave::analysis

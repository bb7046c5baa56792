#include "host/report/learning_data.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/folder.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/modulator_writer.hpp"
#include "host/report/packing.hpp"
#include "host/report/pair_changes.hpp"
#include "host/report/thinning.hpp"

namespace sharpwave::report {
namespace {

constexpr std::size_t kMostLearningSamples = 400;
constexpr std::size_t kMostWeightHistograms = 100;
constexpr std::size_t kMostWeightSamples = 500;
constexpr std::size_t kMostTracedSynapses = 40;
// A row holds all recorded synapses: of very many the page gets fewer samples rather than all of its
// gigabytes.
constexpr std::uint64_t kMostWeightsRead = std::uint64_t{1} << 26;
constexpr std::uint64_t kMostIndices = std::numeric_limits<std::uint32_t>::max();

std::vector<double> at(const std::vector<double>& values, const std::vector<std::size_t>& places) {
  std::vector<double> chosen;
  for (const std::size_t place : places) chosen.push_back(values[place]);
  return chosen;
}

bool is_there(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

template <class Object>
std::string text_of(const Object& object, const std::string& attribute) {
  const auto text = object.text_attribute(attribute);
  if (!text)
    throw Error(ExitCode::damaged_data, object.where() + ": expected an attribute '" + attribute + "'");
  return *text;
}

/// Times in ms, ascending.
std::vector<double> read_times(const hdf5::Group& group) {
  const hdf5::Dataset dataset = group.dataset("time");
  std::vector<double> times_ms = dataset.read_doubles();
  if (std::ranges::adjacent_find(times_ms, [](double a, double b) { return !(a < b); }) != times_ms.end())
    throw Error(ExitCode::damaged_data, dataset.where() + ": expected times that ascend");
  return times_ms;
}

void require_shape(const hdf5::Dataset& dataset, std::uint64_t rows, std::uint64_t columns) {
  if (dataset.shape() != std::vector<std::uint64_t>{rows, columns})
    throw Error(ExitCode::damaged_data, dataset.where() + ": expected " + std::to_string(rows) + " rows of " +
                                            std::to_string(columns) + " values");
}

std::vector<float> read_row(const hdf5::Dataset& dataset, std::size_t row) {
  return dataset.read_rows(row, 1);
}

Json projection_json(const hdf5::Group& group) {
  const std::vector<double> times_ms = read_times(group);
  const std::vector<std::size_t> chosen = thinned(times_ms.size(), kMostLearningSamples);
  const auto column = [&](const char* name) {
    return at(group.dataset(name).read_doubles(times_ms.size()), chosen);
  };
  const std::vector<double> edges = group.dataset("histogram_edges").read_doubles();
  const hdf5::Dataset histogram = group.dataset("histogram");
  require_shape(histogram, times_ms.size(), edges.size() - 1);
  const std::vector<std::size_t> columns = thinned(times_ms.size(), kMostWeightHistograms);
  std::vector<std::uint32_t> counts;
  for (const std::size_t place : columns)
    for (const float count : read_row(histogram, place))
      counts.push_back(static_cast<std::uint32_t>(std::clamp(count, 0.0f, 4e9f)));
  return {{"projection", text_of(group, "projection")},
          {"source", text_of(group, "source")},
          {"target", text_of(group, "target")},
          {"unit", text_of(group, "weight_unit")},
          {"samples", times_ms.size()},
          {"times_ms", at(times_ms, chosen)},
          {"potentiations", column("potentiations")},
          {"depressions", column("depressions")},
          {"mean_weight", column("mean_weight")},
          {"share_at_min", column("share_at_min")},
          {"share_at_max", column("share_at_max")},
          {"edges", edges},
          {"histogram_times_ms", at(times_ms, columns)},
          {"histogram_u32", packed<std::uint32_t>(counts)}};
}

/// weights_NAME.h5, open.
class WeightFile {
 public:
  explicit WeightFile(const std::filesystem::path& path)
      : name_(path.stem().string().substr(std::string("weights_").size())),
        file_(hdf5::File::open(path)),
        group_(file_.root().group("weights")),
        sources_(group_.dataset("source").read_indices(kMostIndices, "a source")),
        targets_(group_.dataset("target").read_indices(kMostIndices, "a target", sources_.size())),
        delays_ms_(group_.dataset("delay").read_doubles(sources_.size())),
        times_ms_(read_times(group_)) {}

  [[nodiscard]] Json json(const analysis::RecordedRun& run) const {
    const std::vector<std::size_t> synapses = thinned(sources_.size(), kMostTracedSynapses);
    const std::size_t rows = kMostWeightsRead / std::max<std::size_t>(1, sources_.size());
    const std::vector<std::size_t> samples =
        thinned(times_ms_.size(), std::clamp<std::size_t>(rows, 2, kMostWeightSamples));
    std::vector<float> values(synapses.size() * samples.size());
    std::vector<float> first;
    std::vector<float> last;
    for (std::size_t i = 0; i < samples.size() && !sources_.empty(); ++i) {
      last = row(samples[i]);
      if (i == 0) first = last;
      for (std::size_t k = 0; k < synapses.size(); ++k) values[k * samples.size() + i] = last[synapses[k]];
    }
    Json list = Json::array();
    for (const std::size_t k : synapses)
      list.push_back({{"source", sources_[k]}, {"target", targets_[k]}, {"delay_ms", delays_ms_[k]}});
    const std::string source = text_of(group_, "source");
    const std::string target = text_of(group_, "target");
    Json pairs;
    if (samples.size() > 1 && !sources_.empty())
      pairs = pair_changes(run, {.source = source,
                                 .target = target,
                                 .sources = sources_,
                                 .targets = targets_,
                                 .first = first,
                                 .last = last,
                                 .start_ms = times_ms_.front(),
                                 .stop_ms = times_ms_.back()});
    return {{"name", name_},
            {"projection", text_of(group_, "projection")},
            {"source", source},
            {"target", target},
            {"unit", unit()},
            {"recorded_synapses", sources_.size()},
            {"times_ms", at(times_ms_, samples)},
            {"synapses", std::move(list)},
            {"values_f32", packed<float>(values)},
            {"pairs", std::move(pairs)}};
  }

 private:
  [[nodiscard]] std::vector<float> row(std::size_t sample) const {
    const hdf5::Dataset weights = group_.dataset("weight");
    require_shape(weights, times_ms_.size(), sources_.size());
    return read_row(weights, sample);
  }
  [[nodiscard]] std::string unit() const {
    return sources_.empty() ? "" : text_of(group_.dataset("weight"), "units");
  }

  std::string name_;
  hdf5::File file_;
  hdf5::Group group_;
  std::vector<std::uint32_t> sources_;
  std::vector<std::uint32_t> targets_;
  std::vector<double> delays_ms_;
  std::vector<double> times_ms_;
};

Json region_json(const hdf5::Group& group, const std::string& name) {
  const std::vector<double> times_ms = read_times(group);
  const std::vector<std::size_t> chosen = thinned(times_ms.size(), kMostLearningSamples);
  const auto column = [&](const std::string& of) {
    return at(group.dataset(of).read_doubles(times_ms.size()), chosen);
  };
  Json levels = Json::object();
  for (int m = 0; m < kModulators; ++m) {
    const std::string modulator = name_of(static_cast<Modulator>(m));
    if (group.has_dataset(modulator)) levels[modulator] = column(modulator);
  }
  return {{"region", name},
          {"samples", times_ms.size()},
          {"times_ms", at(times_ms, chosen)},
          {"levels", std::move(levels)},
          {"prediction_error", column("prediction_error")}};
}

/// Of the groups in a file's group, the first ones; `read` makes an element of one.
template <class Read>
Json groups_json(const std::filesystem::path& path, const std::string& in, std::size_t most, Read read) {
  Json list = Json::array();
  if (!is_there(path)) return list;
  const hdf5::File file = hdf5::File::open(path);
  const hdf5::Group all = file.root().group(in);
  for (const std::string& name : all.names()) {
    if (list.size() == most) break;
    list.push_back(read(all.group(name), name));
  }
  return list;
}

}  // namespace

std::vector<std::filesystem::path> weight_files(const analysis::RecordedRun& run) {
  return entries_of(run.directory, [](const auto& entry) {
    const std::string name = entry.path().filename().native();
    return name.starts_with("weights_") && name.ends_with(".h5");
  });
}

Json plasticity_data(const analysis::RecordedRun& run, std::size_t most) {
  return groups_json(run.directory / "plasticity.h5", "plasticity", most,
                     [](const hdf5::Group& group, const std::string&) { return projection_json(group); });
}

Json weights_data(const analysis::RecordedRun& run, std::size_t most) {
  Json list = Json::array();
  for (const std::filesystem::path& path : weight_files(run)) {
    if (list.size() == most) break;
    list.push_back(WeightFile(path).json(run));
  }
  return list;
}

Json modulators_data(const analysis::RecordedRun& run, std::size_t most) {
  return groups_json(run.directory / ModulatorWriter::kName, "neuromodulators", most, region_json);
}

}  // namespace sharpwave::report

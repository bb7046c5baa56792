#include "host/io/learning_writer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

using hdf5::NumberType;

constexpr std::uint64_t kChunkRows = 256;
// Of weights: chunks of about 256 KiB, of some steps or of one.
constexpr std::uint64_t kChunkValues = std::uint64_t{64} << 10;

constexpr std::pair<const char*, std::uint64_t PlasticityMetrics::*> kCounts[] = {
    {"updates", &PlasticityMetrics::updates},
    {"potentiations", &PlasticityMetrics::potentiations},
    {"depressions", &PlasticityMetrics::depressions}};

struct Column {
  const char* name;
  const char* unit;  ///< "weight": the projection's
  double PlasticityMetrics::*value;
};
constexpr Column kColumns[] = {{"ratio", "1", &PlasticityMetrics::ratio},
                               {"raised", "weight", &PlasticityMetrics::raised},
                               {"lowered", "weight", &PlasticityMetrics::lowered},
                               {"mean_change", "weight", &PlasticityMetrics::mean_change},
                               {"mean_dt_plus", "ms", &PlasticityMetrics::mean_dt_plus_ms},
                               {"mean_dt_minus", "ms", &PlasticityMetrics::mean_dt_minus_ms},
                               {"unchanged_for", "ms", &PlasticityMetrics::unchanged_for_ms},
                               {"mean_weight", "weight", &PlasticityMetrics::mean_weight},
                               {"share_at_min", "1", &PlasticityMetrics::share_at_min},
                               {"share_at_max", "1", &PlasticityMetrics::share_at_max}};
constexpr std::size_t kColumnCount = std::size(kColumns);

double time_of(const LearningHeader& header, std::uint64_t steps) {
  return static_cast<double>(steps) * header.dt_ms;
}

/// The group of one projection. What is buffered becomes rows in write().
struct ProjectionTable {
  LearningHeader header;
  hdf5::Group group;
  std::vector<double> times{};
  std::vector<std::uint64_t> counts[std::size(kCounts)]{};
  std::vector<double> columns[kColumnCount]{};
  std::vector<std::uint64_t> histogram{};

  void add(std::uint64_t step, const PlasticityReading& reading) {
    const PlasticityMetrics metrics = metrics_of(header, reading);
    times.push_back(time_of(header, step));
    for (std::size_t k = 0; k < std::size(kCounts); ++k) counts[k].push_back(metrics.*kCounts[k].second);
    for (std::size_t k = 0; k < kColumnCount; ++k) columns[k].push_back(metrics.*kColumns[k].value);
    histogram.insert(histogram.end(), metrics.histogram.begin(), metrics.histogram.end());
  }

  void write() {
    group.write("time", times).set_attribute("units", std::string("ms"));
    for (std::size_t k = 0; k < std::size(kCounts); ++k) group.write(kCounts[k].first, counts[k]);
    for (std::size_t k = 0; k < kColumnCount; ++k) {
      const std::string_view unit = kColumns[k].unit;
      group.write(kColumns[k].name, columns[k])
          .set_attribute("units", unit == "weight" ? header.weight_unit : std::string(unit));
    }
    hdf5::Dataset counts_of_bins =
        group.create_extendible("histogram", NumberType::u64, kChunkRows, PlasticityReading::kBins);
    counts_of_bins.append(histogram);
    std::vector<double> edges;
    for (std::size_t k = 0; k <= PlasticityReading::kBins; ++k) {
      const double magnitude = header.w_min + (header.w_max - header.w_min) * static_cast<double>(k) /
                                                  static_cast<double>(PlasticityReading::kBins);
      edges.push_back(header.is_negative ? -magnitude : magnitude);
    }
    group.write("histogram_edges", edges).set_attribute("units", header.weight_unit);
  }
};

/// A name that is no path, and not there yet.
std::string group_name(const hdf5::Group& in, const std::string& name) {
  std::string plain = name;
  std::replace(plain.begin(), plain.end(), '/', '_');
  if (plain.empty() || plain == ".") plain.assign(1, '_');
  std::string free = plain;
  for (int k = 2; in.kind(free) != hdf5::Group::Kind::none; ++k) free = plain + "_" + std::to_string(k);
  return free;
}

}  // namespace

struct PlasticityWriter::State {
  std::filesystem::path path;
  hdf5::File file;
  std::vector<ProjectionTable> tables;
};

PlasticityWriter::PlasticityWriter(const std::filesystem::path& path, std::vector<LearningHeader> projections)
    : state_(new State{path, hdf5::File::create(partial_path(path)), {}}) {
  hdf5::Group all = state_->file.root().create_group("plasticity");
  for (LearningHeader& header : projections) {
    hdf5::Group group = all.create_group(group_name(all, header.projection));
    group.set_attribute("projection", header.projection);
    group.set_attribute("source", header.source);
    group.set_attribute("target", header.target);
    group.set_attribute("weight_unit", header.weight_unit);
    group.set_attribute("w_min", header.w_min);
    group.set_attribute("w_max", header.w_max);
    state_->tables.push_back(ProjectionTable{std::move(header), std::move(group)});
  }
}

PlasticityWriter::~PlasticityWriter() = default;
PlasticityWriter::PlasticityWriter(PlasticityWriter&&) noexcept = default;
PlasticityWriter& PlasticityWriter::operator=(PlasticityWriter&&) noexcept = default;

void PlasticityWriter::append(std::size_t projection, std::uint64_t step, const PlasticityReading& reading) {
  state_->tables[projection].add(step, reading);
}

void PlasticityWriter::finish() {
  for (ProjectionTable& table : state_->tables) table.write();
  state_->tables.clear();
  state_->file.close();
  publish_file(state_->path);
}

struct WeightWriter::State {
  std::filesystem::path path;
  LearningHeader header;
  hdf5::File file;
  std::vector<hdf5::Group> group;      // one; after `file`: closes before it
  std::vector<hdf5::Dataset> weights;  // likewise
  std::vector<double> times{};
};

WeightWriter::WeightWriter(const std::filesystem::path& directory, const LearningHeader& header,
                           const PlasticSynapses& synapses)
    : state_(new State{directory / ("weights_" + header.name + ".h5"),
                       header,
                       hdf5::File::create(partial_path(directory / ("weights_" + header.name + ".h5"))),
                       {},
                       {}}) {
  hdf5::Group group = state_->file.root().create_group("weights");
  group.set_attribute("projection", header.projection);
  group.set_attribute("source", header.source);
  group.set_attribute("target", header.target);
  group.write("source", synapses.sources);
  group.write("target", synapses.targets);
  std::vector<double> delays;
  for (const std::uint32_t steps : synapses.delay_steps) delays.push_back(time_of(header, steps));
  group.write("delay", delays).set_attribute("units", std::string("ms"));
  const std::uint64_t n = synapses.sources.size();
  if (n > 0) {
    hdf5::Dataset weights = group.create_extendible(
        "weight", NumberType::f32, std::clamp<std::uint64_t>(kChunkValues / n, 1, kChunkRows), n);
    weights.set_attribute("units", header.weight_unit);
    state_->weights.push_back(std::move(weights));
  }
  state_->group.push_back(std::move(group));
}

WeightWriter::~WeightWriter() = default;
WeightWriter::WeightWriter(WeightWriter&&) noexcept = default;
WeightWriter& WeightWriter::operator=(WeightWriter&&) noexcept = default;

const std::filesystem::path& WeightWriter::path() const {
  return state_->path;
}

void WeightWriter::append(std::uint64_t step, std::vector<float> weights) {
  state_->times.push_back(time_of(state_->header, step));
  if (state_->weights.empty()) return;
  if (state_->header.is_negative)
    for (float& weight : weights) weight = -weight;
  state_->weights[0].append(weights);
}

void WeightWriter::finish() {
  state_->group[0].write("time", state_->times).set_attribute("units", std::string("ms"));
  state_->weights.clear();
  state_->group.clear();
  state_->file.close();
  publish_file(state_->path);
}

}  // namespace sharpwave

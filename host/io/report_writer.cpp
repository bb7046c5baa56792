#include "host/io/report_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/hdf5.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave {
namespace {

// Chunks of about 256 KiB, so that reading one cell's trace reads many frames at once; where there are few
// cells, no more frames than would be a waste in a short run.
constexpr std::uint64_t kChunkBytes = std::uint64_t{256} << 10;
constexpr std::uint64_t kMostFramesPerChunk = 4096;

struct VariableFile {
  std::filesystem::path path;
  hdf5::File file;
  hdf5::Group population;  // after `file`: closes before it
  hdf5::Dataset data;
  std::size_t chunk_values;
  std::vector<float> buffered;
};

VariableFile create_file(const std::filesystem::path& path, const ReportHeader& header,
                         const Recordable& variable) {
  const std::uint64_t n = header.node_ids.size();
  hdf5::File file = hdf5::File::create(partial_path(path));
  hdf5::Group root = file.root();
  root.mark_as_sonata();
  hdf5::Group report = root.create_group("report");
  hdf5::Group population = report.create_group(header.population);
  const std::uint64_t frames =
      std::clamp<std::uint64_t>(kChunkBytes / (n * sizeof(float)), 1, kMostFramesPerChunk);
  hdf5::Dataset data = population.create_extendible("data", hdf5::NumberType::f32, frames, n);
  data.set_attribute("units", std::string(unit_of(variable, header.weight_unit)));
  data.set_attribute("variable_name", std::string(name_of(variable)));

  // One element per node. The guide's text has as many index pointers as nodes, its formula and libsonata
  // one more.
  std::vector<std::uint64_t> index_pointers(n + 1);
  for (std::uint64_t i = 0; i <= n; ++i) index_pointers[i] = i;
  hdf5::Group mapping = population.create_group("mapping");
  mapping.write("node_ids", std::vector<std::uint64_t>(header.node_ids.begin(), header.node_ids.end()));
  mapping.dataset("node_ids").set_attribute("sorted", std::uint8_t{1});
  mapping.write("index_pointers", index_pointers);
  mapping.write("element_ids", std::vector<std::uint32_t>(n, 0));

  VariableFile result{path, std::move(file), std::move(population), std::move(data), frames * n, {}};
  result.buffered.reserve(result.chunk_values);
  return result;
}

}  // namespace

std::vector<std::filesystem::path> report_files(const std::filesystem::path& directory,
                                                const std::string& name,
                                                const std::vector<Recordable>& variables) {
  std::vector<std::filesystem::path> files;
  for (const Recordable& variable : variables) {
    std::string file = "report_" + name;
    if (variables.size() > 1) file.append("_").append(name_of(variable));
    files.push_back(directory / (file + ".h5"));
  }
  return files;
}

struct ReportWriter::State {
  ReportHeader header;
  std::vector<std::filesystem::path> paths;
  std::vector<VariableFile> files;
  std::uint64_t first_step = 0;
  std::uint64_t n_frames = 0;

  void write_times(VariableFile& file) const {
    const double step_ms = header.dt_ms * static_cast<double>(header.interval_steps);
    const double start_ms = header.dt_ms * static_cast<double>(first_step);
    const std::array<double, 3> time{start_ms, start_ms + static_cast<double>(n_frames) * step_ms, step_ms};
    hdf5::Group mapping = file.population.group("mapping");
    mapping.write("time", time);
    mapping.dataset("time").set_attribute("units", "ms");
  }
};

ReportWriter::ReportWriter(const std::filesystem::path& directory, const ReportHeader& header)
    : state_(new State{header, {}, {}, 0, 0}) {
  SHARPWAVE_ASSERT(!header.node_ids.empty() && !header.variables.empty() && header.interval_steps > 0);
  for (const std::string& name : {header.name, header.population}) {
    if (name.empty() || name == "." || name.find('/') != std::string::npos) {
      throw Error(ExitCode::invalid_config, (directory / "report_*.h5").string() + ": the name '" + name +
                                                "' cannot be a file's; expected one without '/'");
    }
  }
  state_->paths = report_files(directory, header.name, header.variables);
  for (std::size_t v = 0; v < header.variables.size(); ++v)
    state_->files.push_back(create_file(state_->paths[v], header, header.variables[v]));
}

ReportWriter::~ReportWriter() = default;
ReportWriter::ReportWriter(ReportWriter&&) noexcept = default;
ReportWriter& ReportWriter::operator=(ReportWriter&&) noexcept = default;

const std::vector<std::filesystem::path>& ReportWriter::files() const {
  return state_->paths;
}

void ReportWriter::append(std::span<const std::uint64_t> steps, std::span<const float> values) {
  State& state = *state_;
  const std::size_t n_elements = state.header.node_ids.size();
  SHARPWAVE_ASSERT(values.size() == steps.size() * state.files.size() * n_elements);
  for (std::size_t sample = 0; sample < steps.size(); ++sample) {
    if (state.n_frames == 0) state.first_step = steps[sample];
    SHARPWAVE_ASSERT(steps[sample] == state.first_step + state.n_frames * state.header.interval_steps);
    ++state.n_frames;
    for (VariableFile& file : state.files) {
      const std::span<const float> frame = values.first(n_elements);
      values = values.subspan(n_elements);
      file.buffered.insert(file.buffered.end(), frame.begin(), frame.end());
      if (file.buffered.size() == file.chunk_values) {
        file.data.append(file.buffered);
        file.buffered.clear();
      }
    }
  }
}

void ReportWriter::finish() {
  for (VariableFile& file : state_->files) {
    file.data.append(file.buffered);
    state_->write_times(file);
    file.file.flush();
  }
  while (!state_->files.empty()) {
    hdf5::File file = std::move(state_->files.back().file);
    const std::filesystem::path path = state_->files.back().path;
    state_->files.pop_back();  // closes its group and dataset
    file.close();
    publish_file(path);
  }
}

}  // namespace sharpwave

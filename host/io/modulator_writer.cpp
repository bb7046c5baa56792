#include "host/io/modulator_writer.hpp"

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

/// The group of one region. What is buffered becomes rows in write().
struct RegionTable {
  ModulatorHeader header;
  hdf5::Group group;
  std::vector<double> times_ms{};
  std::array<std::vector<double>, kModulators> levels{};
  std::vector<double> prediction_errors{};

  void add(std::uint64_t step, const ModulatorLevels& now) {
    times_ms.push_back(static_cast<double>(step) * header.dt_ms);
    for (std::size_t m = 0; m < kModulators; ++m)
      if (header.has[m]) levels[m].push_back(level_of(now, static_cast<Modulator>(m)));
    prediction_errors.push_back(now.prediction_error);
  }

  void write() {
    group.write("time", times_ms).set_attribute("units", std::string("ms"));
    for (std::size_t m = 0; m < kModulators; ++m)
      if (header.has[m]) group.write(name_of(static_cast<Modulator>(m)), levels[m]);
    group.write("prediction_error", prediction_errors);
  }
};

}  // namespace

struct ModulatorWriter::State {
  std::filesystem::path path;
  hdf5::File file;
  std::vector<RegionTable> tables;  // after `file`: close before it
};

ModulatorWriter::ModulatorWriter(const std::filesystem::path& directory,
                                 const std::vector<ModulatorHeader>& regions)
    : state_(new State{directory / kName, hdf5::File::create(partial_path(directory / kName)), {}}) {
  hdf5::Group all = state_->file.root().create_group("neuromodulators");
  for (const ModulatorHeader& header : regions)
    state_->tables.push_back(RegionTable{header, all.create_group(header.region)});
}

ModulatorWriter::~ModulatorWriter() = default;
ModulatorWriter::ModulatorWriter(ModulatorWriter&&) noexcept = default;
ModulatorWriter& ModulatorWriter::operator=(ModulatorWriter&&) noexcept = default;

void ModulatorWriter::append(std::uint64_t step, std::span<const ModulatorLevels> levels) {
  SHARPWAVE_ASSERT(levels.size() == state_->tables.size());
  for (std::size_t region = 0; region < levels.size(); ++region)
    state_->tables[region].add(step, levels[region]);
}

std::filesystem::path ModulatorWriter::finish() {
  for (RegionTable& table : state_->tables) table.write();
  state_->tables.clear();
  state_->file.close();
  publish_file(state_->path);
  return state_->path;
}

}  // namespace sharpwave

#include "host/io/trial_writer.hpp"

#include <algorithm>
#include <utility>

#include "host/io/atomic_file.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

using hdf5::NumberType;

// Of spikes of neurons: chunks of about 256 KiB.
constexpr std::uint64_t kCountsInAChunk = std::uint64_t{64} << 10;
constexpr std::uint64_t kMostChunkRows = 256;

/// The group of one phase. What is buffered becomes lists in write().
struct PhaseTable {
  TrialPhase phase;
  hdf5::Group group;
  std::vector<hdf5::Dataset> counts{};  ///< one, or none; after `group`: closes before it
  std::vector<std::uint32_t> item{}, label{}, told{}, attempts{};
  std::vector<double> gain{}, time_ms{};
  std::vector<std::uint64_t> spikes{};

  void add(const Trial& trial, double dt_ms) {
    item.push_back(trial.item);
    label.push_back(trial.label);
    told.push_back(trial.told);
    attempts.push_back(trial.attempts);
    gain.push_back(trial.gain);
    time_ms.push_back(static_cast<double>(trial.first_step - 1) * dt_ms);
    spikes.push_back(trial.spikes);
    if (counts.empty()) return;
    const std::vector<std::uint64_t> wide(trial.counts.begin(), trial.counts.end());
    counts[0].append(wide);
  }

  void write() {
    group.write("item", item);
    group.write("label", label);
    group.write("told", told);
    group.write("attempts", attempts);
    group.write("gain", gain);
    group.write("time", time_ms).set_attribute("units", std::string("ms"));
    group.write("spikes", spikes);
    counts.clear();
  }
};

}  // namespace

struct TrialWriter::State {
  std::filesystem::path path;
  double dt_ms;
  hdf5::File file;
  std::vector<PhaseTable> tables;
};

TrialWriter::TrialWriter(const std::filesystem::path& path, const std::vector<TrialPhase>& phases,
                         double dt_ms)
    : state_(new State{path, dt_ms, hdf5::File::create(partial_path(path)), {}}) {
  hdf5::Group all = state_->file.root().create_group("trials");
  for (std::size_t k = 0; k < phases.size(); ++k) {
    const TrialPhase& phase = phases[k];
    hdf5::Group group = all.create_group(std::to_string(k));
    group.set_attribute("name", phase.name);
    group.set_attribute("population", phase.population);
    PhaseTable table{.phase = phase, .group = std::move(group)};
    if (phase.n_counts > 0)
      table.counts.push_back(table.group.create_extendible(
          "counts", NumberType::u32,
          std::clamp<std::uint64_t>(kCountsInAChunk / phase.n_counts, 1, kMostChunkRows), phase.n_counts));
    state_->tables.push_back(std::move(table));
  }
}

TrialWriter::~TrialWriter() = default;
TrialWriter::TrialWriter(TrialWriter&&) noexcept = default;
TrialWriter& TrialWriter::operator=(TrialWriter&&) noexcept = default;

void TrialWriter::append(const Trial& trial) {
  state_->tables[trial.phase].add(trial, state_->dt_ms);
}

void TrialWriter::finish() {
  for (PhaseTable& table : state_->tables) table.write();
  state_->tables.clear();
  state_->file.close();
  publish_file(state_->path);
}

}  // namespace sharpwave

#include "host/io/spike_writer.hpp"

#include <algorithm>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

// 16 Ki values are 128 KiB: few enough chunks for a long run, little waste for a short one.
constexpr std::size_t kSpikesInAChunk = std::size_t{1} << 14;

// libsonata's order (SpikeReader::Population::Sorting).
const std::vector<std::string> kSortings{"none", "by_id", "by_time"};
constexpr int kByTime = 2;

struct Track {
  std::uint64_t population_size;
  double last_ms;
  hdf5::Dataset timestamps;
  hdf5::Dataset node_ids;
  std::vector<double> buffered_times;
  std::vector<std::uint64_t> buffered_ids;

  void write_buffered() {
    timestamps.append(buffered_times);
    node_ids.append(buffered_ids);
    buffered_times.clear();
    buffered_ids.clear();
  }
};

Track create_track(hdf5::Group& spikes, const RecordedPopulation& population) {
  if (population.name.empty() || population.name == "." || population.name.find('/') != std::string::npos) {
    throw Error(ExitCode::invalid_config, spikes.file() + ": population name '" + population.name +
                                              "' cannot be an HDF5 group's; expected one without '/'");
  }
  hdf5::Group group = spikes.create_group(population.name);
  group.set_enum_attribute("sorting", kSortings, kByTime);
  Track track{population.size,
              0,
              group.create_extendible("timestamps", hdf5::NumberType::f64, kSpikesInAChunk),
              group.create_extendible("node_ids", hdf5::NumberType::u64, kSpikesInAChunk),
              {},
              {}};
  track.timestamps.set_attribute("units", "ms");
  track.buffered_times.reserve(kSpikesInAChunk);
  track.buffered_ids.reserve(kSpikesInAChunk);
  return track;
}

}  // namespace

struct SpikeWriter::State {
  std::filesystem::path path;
  hdf5::File file;
  std::vector<Track> tracks;  // after `file`: datasets close before it
};

SpikeWriter::SpikeWriter(const std::filesystem::path& path,
                         const std::vector<RecordedPopulation>& populations)
    : state_(new State{path, hdf5::File::create(partial_path(path)), {}}) {
  hdf5::Group root = state_->file.root();
  root.mark_as_sonata();
  hdf5::Group spikes = root.create_group("spikes");
  state_->tracks.reserve(populations.size());
  for (const RecordedPopulation& population : populations) {
    state_->tracks.push_back(create_track(spikes, population));
  }
}

SpikeWriter::~SpikeWriter() = default;
SpikeWriter::SpikeWriter(SpikeWriter&&) noexcept = default;
SpikeWriter& SpikeWriter::operator=(SpikeWriter&&) noexcept = default;

void SpikeWriter::append(std::size_t population, std::span<const std::uint64_t> node_ids,
                         std::span<const double> timestamps_ms) {
  SHARPWAVE_ASSERT(population < state_->tracks.size() && node_ids.size() == timestamps_ms.size());
  Track& track = state_->tracks[population];
  for (std::size_t i = 0; i < node_ids.size(); ++i) {
    SHARPWAVE_ASSERT(node_ids[i] < track.population_size && timestamps_ms[i] >= track.last_ms);
    track.last_ms = timestamps_ms[i];
    track.buffered_times.push_back(timestamps_ms[i]);
    track.buffered_ids.push_back(node_ids[i]);
    if (track.buffered_times.size() == kSpikesInAChunk) track.write_buffered();
  }
}

void SpikeWriter::finish() {
  for (Track& track : state_->tracks) track.write_buffered();
  state_->file.flush();
  state_->tracks.clear();
  state_->file.close();
  publish_file(state_->path);
}

}  // namespace sharpwave

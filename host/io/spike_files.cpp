#include "host/io/spike_files.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/sonata.hpp"
#include "host/io/sonata_types.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kMostTextBytes = std::uint64_t{4} << 30;

std::uint64_t bound(std::uint32_t n_nodes) {
  return n_nodes > 0 ? n_nodes : std::uint64_t{std::numeric_limits<std::uint32_t>::max()};
}

// NEST refuses a spike at 0 as well: nothing is sent before the first step. NaN fails the comparison.
bool is_spike_time(double time_ms) {
  return time_ms > 0 && std::isfinite(time_ms);
}
constexpr const char* kExpectedTime = "; expected a time in ms above 0";

/// The group that holds node ids and times: /spikes/<population>, or /spikes in the older layout.
hdf5::Group spikes_group(const hdf5::File& file, const std::string& population) {
  hdf5::Group spikes = file.root().group("spikes");
  if (spikes.has_dataset("timestamps")) return spikes;
  const std::vector<std::string> names = spikes.names();
  const std::string name = population.empty() && names.size() == 1 ? names[0] : population;
  if (!name.empty() && spikes.has_group(name)) return spikes.group(name);
  std::string present;
  for (const std::string& other : names) present += (present.empty() ? "" : ", ") + other;
  throw Error(ExitCode::invalid_config,
              spikes.where() + ": has " +
                  (present.empty() ? "no populations" : "the populations " + present) + "; expected " +
                  (population.empty() ? "exactly one" : "'" + population + "'"));
}

/// Goes through the lines of a text file, without comments, split at blanks; empty lines are skipped.
template <typename Visit>
void for_each_line(const std::filesystem::path& path, Visit&& visit) {
  const std::string text = read_text_file(path, kMostTextBytes);
  std::size_t start = 0;
  for (std::size_t number = 1; start < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    start = end + 1;
    line.erase(std::min(line.find('#'), line.size()));
    const std::vector<std::string> fields = sonata::split_fields(line);
    if (!fields.empty()) visit(path.string() + ":" + std::to_string(number), fields);
  }
}

void add_spike(const std::string& place, const std::string& index, const std::string& time,
               std::uint32_t n_nodes, SpikeSourceSpec& spikes) {
  const std::optional<std::uint64_t> id = sonata::parse_unsigned(index);
  if (!id || *id >= bound(n_nodes)) {
    throw Error(ExitCode::damaged_data, place + ": read the index '" + index +
                                            "'; expected an integer from 0 to " +
                                            std::to_string(bound(n_nodes) - 1));
  }
  const std::optional<double> time_ms = sonata::parse_number(time);
  if (!time_ms || !is_spike_time(*time_ms)) {
    throw Error(ExitCode::damaged_data, place + ": read the time '" + time + "'" + kExpectedTime);
  }
  spikes.indices.push_back(static_cast<std::uint32_t>(*id));
  spikes.times_ms.push_back(*time_ms);
}

}  // namespace

void sort_spikes(SpikeSourceSpec& spikes) {
  std::vector<std::size_t> order(spikes.indices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return spikes.times_ms[a] != spikes.times_ms[b] ? spikes.times_ms[a] < spikes.times_ms[b]
                                                    : spikes.indices[a] < spikes.indices[b];
  });
  SpikeSourceSpec sorted;
  sorted.indices.reserve(order.size());
  sorted.times_ms.reserve(order.size());
  for (const std::size_t i : order) {
    sorted.indices.push_back(spikes.indices[i]);
    sorted.times_ms.push_back(spikes.times_ms[i]);
  }
  spikes = std::move(sorted);
}

SpikeSourceSpec read_sonata_spikes(const std::filesystem::path& path, const std::string& population,
                                   std::uint32_t n_nodes) {
  const hdf5::File file = hdf5::File::open(path);
  const hdf5::Group group = spikes_group(file, population);
  const hdf5::Dataset times = group.dataset("timestamps");
  const hdf5::Dataset ids = group.dataset(group.has_dataset("gids") ? "gids" : "node_ids");
  const std::string units = times.text_attribute("units").value_or("ms");
  if (units != "ms" && units != "milliseconds") {
    throw Error(ExitCode::invalid_config,
                times.where() + ": attribute 'units' is '" + units + "'; expected 'ms'");
  }
  SpikeSourceSpec spikes;
  spikes.times_ms = times.read_doubles();
  spikes.indices = ids.read_indices(bound(n_nodes), "a node id", spikes.times_ms.size());
  for (std::size_t i = 0; i < spikes.times_ms.size(); ++i) {
    if (is_spike_time(spikes.times_ms[i])) continue;
    throw Error(ExitCode::damaged_data, times.where() + ": value " + std::to_string(i) + " is " +
                                            std::to_string(spikes.times_ms[i]) + kExpectedTime);
  }
  sort_spikes(spikes);
  return spikes;
}

SpikeSourceSpec read_text_spikes(const std::filesystem::path& path, std::uint32_t n_nodes) {
  SpikeSourceSpec spikes;
  for_each_line(path, [&](const std::string& place, const std::vector<std::string>& fields) {
    if (fields.size() != 2) {
      throw Error(ExitCode::damaged_data, place + ": read " + std::to_string(fields.size()) +
                                              " fields; expected two: index and time in ms");
    }
    add_spike(place, fields[0], fields[1], n_nodes, spikes);
  });
  sort_spikes(spikes);
  return spikes;
}

SpikeSourceSpec read_csv_spikes(const std::filesystem::path& path, const std::string& population,
                                std::uint32_t n_nodes) {
  SpikeSourceSpec spikes;
  std::vector<std::string> header;
  std::size_t time_column = 0;
  std::size_t id_column = 0;
  std::size_t population_column = 0;
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  for_each_line(path, [&](const std::string& place, const std::vector<std::string>& fields) {
    if (header.empty()) {
      header = fields;
      time_column = column("timestamps");
      id_column = column("node_ids");
      population_column = column("population");
      if (time_column == header.size() || id_column == header.size()) {
        throw Error(ExitCode::damaged_data,
                    place + ": expected a header with the columns timestamps and node_ids, between blanks");
      }
      return;
    }
    if (fields.size() != header.size()) {
      throw Error(ExitCode::damaged_data, place + ": read " + std::to_string(fields.size()) +
                                              " fields; expected " + std::to_string(header.size()) +
                                              ", as in the header");
    }
    const bool ours = population_column == header.size() || fields[population_column] == population;
    if (ours) add_spike(place, fields[id_column], fields[time_column], n_nodes, spikes);
  });
  sort_spikes(spikes);
  return spikes;
}

}  // namespace sharpwave

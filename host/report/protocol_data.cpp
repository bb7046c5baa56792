#include "host/report/protocol_data.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "host/io/hdf5.hpp"
#include "host/report/learning_data.hpp"
#include "host/report/packing.hpp"

namespace sharpwave::report {
namespace {

constexpr std::size_t kMostBins = 400;              // of a phase
constexpr std::uint64_t kMostSynapses = 4'000'000;  // of a list of weights
constexpr std::uint32_t kMostSources = 128 * 128;   // pixels of an image
constexpr std::uint64_t kMostTargets = std::uint64_t{1} << 32;

/// Means over as many trials in a row as make at most kMostBins.
Json phase_json(const hdf5::Group& group) {
  const auto spikes = group.dataset("spikes").read_exactly<std::uint64_t>();
  const std::size_t n = spikes.size();
  const auto attempts = group.dataset("attempts").read_exactly<std::uint32_t>(n);
  const auto label = group.dataset("label").read_exactly<std::uint32_t>(n);
  const auto told = group.dataset("told").read_exactly<std::uint32_t>(n);
  const std::size_t per_bin = std::max<std::size_t>(1, (n + kMostBins - 1) / kMostBins);
  Json json = {{"name", group.text_attribute("name").value_or("")},
               {"population", group.text_attribute("population").value_or("")},
               {"trials", n},
               {"per_bin", per_bin},
               {"spikes", Json::array()},
               {"attempts", Json::array()},
               {"right", Json::array()}};
  for (std::size_t first = 0; first < n; first += per_bin) {
    const std::size_t end = std::min(n, first + per_bin);
    double sum_spikes = 0;
    double sum_attempts = 0;
    double sum_right = 0;
    for (std::size_t k = first; k < end; ++k) {
      sum_spikes += static_cast<double>(spikes[k]);
      sum_attempts += attempts[k];
      sum_right += told[k] == label[k] ? 1 : 0;
    }
    const auto count = static_cast<double>(end - first);
    json["spikes"].push_back(sum_spikes / count);
    json["attempts"].push_back(sum_attempts / count);
    json["right"].push_back(sum_right / count);
  }
  return json;
}

std::uint32_t side_of(const std::vector<std::uint32_t>& sources) {
  const std::uint32_t n = sources.empty() ? 0 : *std::ranges::max_element(sources) + 1;
  const auto side = static_cast<std::uint32_t>(std::lround(std::sqrt(n)));
  return n <= kMostSources && side * side == n ? side : 0;
}

/// Of the last sample; null where the sources make no square, or there are too many synapses to look at.
Json fields_json(const std::filesystem::path& file, std::size_t most) {
  const hdf5::File opened = hdf5::File::open(file);
  const hdf5::Group group = opened.root().group("weights");
  const hdf5::Dataset source = group.dataset("source");
  if (source.shape().size() != 1 || source.shape().front() > kMostSynapses || !group.has_dataset("weight"))
    return nullptr;
  const auto sources = source.read_exactly<std::uint32_t>();
  const auto targets = group.dataset("target").read_indices(kMostTargets, "a target", sources.size());
  const auto times = group.dataset("time").read_doubles();
  const std::uint32_t side = side_of(sources);
  if (side < 2 || times.empty()) return nullptr;
  const auto weights = group.dataset("weight").read_rows(times.size() - 1, 1);
  if (weights.size() != sources.size()) return nullptr;
  std::vector<std::uint32_t> shown = targets;
  std::ranges::sort(shown);
  shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
  shown.resize(std::min(shown.size(), most));
  const std::size_t n_pixels = std::size_t{side} * side;
  std::vector<double> sums(shown.size() * n_pixels);
  for (std::size_t k = 0; k < sources.size(); ++k) {
    const auto place = std::ranges::lower_bound(shown, targets[k]);
    if (place == shown.end() || *place != targets[k]) continue;
    sums[static_cast<std::size_t>(place - shown.begin()) * n_pixels + sources[k]] +=
        std::fabs(static_cast<double>(weights[k]));
  }
  const double largest = *std::ranges::max_element(sums);
  std::vector<std::uint16_t> values;
  for (const double sum : sums)
    values.push_back(largest > 0 ? static_cast<std::uint16_t>(std::lround(65535 * sum / largest)) : 0);
  return {{"projection", group.text_attribute("projection").value_or("")},
          {"target", group.text_attribute("target").value_or("")},
          {"time_ms", times.back()},
          {"side", side},
          {"neurons", shown},
          {"largest", largest},
          {"values_u16", packed(std::span<const std::uint16_t>(values))}};
}

}  // namespace

Json protocol_data(const analysis::RecordedRun& run, std::size_t most_fields) {
  const std::filesystem::path path = run.directory / "trials.h5";
  if (!std::filesystem::exists(path)) return nullptr;
  Json data = {{"trials", Json::array()}, {"fields", Json::array()}};
  {
    const hdf5::File file = hdf5::File::open(path);
    const hdf5::Group all = file.root().group("trials");
    for (std::size_t k = 0; all.has_group(std::to_string(k)); ++k)
      data["trials"].push_back(phase_json(all.group(std::to_string(k))));
  }
  for (const std::filesystem::path& file : weight_files(run)) {
    if (!data["fields"].empty()) break;
    Json fields = fields_json(file, most_fields);
    if (!fields.is_null()) data["fields"].push_back(std::move(fields));
  }
  return data;
}

}  // namespace sharpwave::report

#include "host/report/memory_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "host/io/hdf5.hpp"
#include "host/io/text_file.hpp"
#include "host/report/packing.hpp"
#include "host/report/thinning.hpp"

namespace sharpwave::report {
namespace {

constexpr std::uint64_t kLargestMemoryFile = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostCount = std::uint64_t{1} << 52;  // exact in the page's numbers too
constexpr double kLargest = 1e15;                             // time, in any unit, or size
constexpr std::size_t kBins = 20;                             // of a histogram of kappa
// What the format allows.
constexpr std::size_t kLongestText = 200;
constexpr std::size_t kMostSpaces = 1000;
constexpr std::size_t kMostCycles = 1000;
constexpr std::size_t kMostPhases = 16;
constexpr std::size_t kMostReasons = 64;
constexpr std::size_t kMostCompared = 64;
constexpr std::size_t kMostRipples = 10'000;
constexpr std::size_t kMostPresentations = 1000;
constexpr std::size_t kMostNearer = 20;
// What of it is shown.
constexpr std::size_t kMostSamples = 200;
constexpr std::size_t kMostHistograms = 100;
constexpr std::size_t kMostCues = 20;  // of a phase

constexpr std::array kTypes = {"episodic", "semantic", "procedural"};
constexpr std::array kBands = {"episodic", "replayed", "transitional", "semantic"};
constexpr std::array kOutcomes = {"formed", "replayed", "gated", "known", "rejected"};
constexpr std::array kSyncs = {"always", "interval", "none"};

std::size_t size_up_to(const JsonPlace& place, std::size_t most) {
  if (place.size() > most) place.fail("at most " + std::to_string(most));
  return place.size();
}

void require_size(const JsonPlace& place, std::size_t size) {
  if (place.size() != size) place.fail("an array of " + std::to_string(size));
}

std::string short_text(const JsonPlace& place) {
  std::string text = place.text();
  if (text.size() > kLongestText) place.fail("text of at most " + std::to_string(kLongestText) + " bytes");
  return text;
}

/// Which of the words it is.
std::size_t one_of(const JsonPlace& place, std::span<const char* const> words) {
  const std::string text = place.text();
  const auto found = std::ranges::find(words, text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string all;
  for (const char* word : words) all.append(all.empty() ? "" : ", ").append(word);
  place.fail("one of " + all);
}

double number_from(const JsonPlace& place, double least, double most) {
  const double number = place.number();
  if (!(number >= least && number <= most)) {
    const Json limits = {least, most};
    place.fail("a number from " + limits[0].dump() + " to " + limits[1].dump());
  }
  return number;
}

/// Null where there is nothing to say.
Json number_or_null(const JsonPlace& place, double least, double most) {
  return place.value.is_null() ? Json() : Json(number_from(place, least, most));
}

std::uint64_t count(const JsonPlace& place) {
  return place.unsigned_up_to(kMostCount);
}

/// An object of these numbers and no others.
Json counts_of(const JsonPlace& place, std::span<const char* const> words) {
  Json counts = Json::object();
  for (const char* word : words) counts[word] = count(place[word]);
  for (const auto& [key, value] : place.value.items())
    if (!counts.contains(key)) place[key].fail("no such key");
  return counts;
}

Json rejected_json(const JsonPlace& place) {
  if (!place.value.is_object() || place.value.size() > kMostReasons)
    place.fail("an object of at most " + std::to_string(kMostReasons) + " keys");
  Json counts = Json::object();
  for (const auto& [reason, value] : place.value.items()) {
    if (reason.size() > kLongestText)
      place.fail("keys of at most " + std::to_string(kLongestText) + " bytes");
    counts[reason] = count(place[reason]);
  }
  return counts;
}

std::vector<std::uint64_t> counts_in(const JsonPlace& place, std::size_t n) {
  require_size(place, n);
  std::vector<std::uint64_t> counts;
  for (std::size_t k = 0; k < n; ++k) counts.push_back(count(place[k]));
  return counts;
}

Json kappa_json(const JsonPlace& place) {
  return {{"mean", number_or_null(place["mean"], 0, 1)},
          {"sd", number_or_null(place["sd"], 0, 1)},
          {"histogram", counts_in(place["histogram"], kBins)}};
}

/// The state after a cycle.
struct Sample {
  double time_ms;
  std::uint64_t cycle;
  Json mean_kappa;
  std::vector<std::uint64_t> by_band;
  std::vector<std::uint64_t> histogram;
};

std::vector<Sample> read_course(const JsonPlace& place) {
  std::vector<Sample> samples;
  for (std::size_t k = 0; k < size_up_to(place, kMostCycles); ++k) {
    const JsonPlace one = place[k];
    const double time_ms = number_from(one["time_ms"], 0, kLargest);
    if (k > 0 && time_ms < samples.back().time_ms)
      one["time_ms"].fail("a time not before that of the cycle before");
    static_cast<void>(count(one["items"]));  // the page adds up the bands
    samples.push_back({.time_ms = time_ms,
                       .cycle = count(one["cycle"]),
                       .mean_kappa = number_or_null(one["mean_kappa"], 0, 1),
                       .by_band = counts_in(one["by_band"], kBands.size()),
                       .histogram = counts_in(one["histogram"], kBins)});
  }
  return samples;
}

/// All of it is checked, some of it shown.
Json course_json(const JsonPlace& place) {
  const std::vector<Sample> samples = read_course(place);
  std::vector<double> times_ms, histogram_times_ms;
  std::vector<std::uint64_t> cycles;
  Json by_band = Json::object();
  for (const char* band : kBands) by_band[band] = Json::array();
  Json mean_kappa = Json::array();
  for (const std::size_t k : thinned(samples.size(), kMostSamples)) {
    times_ms.push_back(samples[k].time_ms);
    cycles.push_back(samples[k].cycle);
    mean_kappa.push_back(samples[k].mean_kappa);
    for (std::size_t band = 0; band < kBands.size(); ++band)
      by_band[kBands[band]].push_back(samples[k].by_band[band]);
  }
  std::vector<std::uint32_t> counts;
  for (const std::size_t k : thinned(samples.size(), kMostHistograms)) {
    histogram_times_ms.push_back(samples[k].time_ms);
    for (const std::uint64_t in_bin : samples[k].histogram)
      counts.push_back(static_cast<std::uint32_t>(
          std::min<std::uint64_t>(in_bin, std::numeric_limits<std::uint32_t>::max())));
  }
  return {{"samples", samples.size()},
          {"times_ms", times_ms},
          {"cycles", cycles},
          {"mean_kappa", std::move(mean_kappa)},
          {"by_band", std::move(by_band)},
          {"histogram_times_ms", histogram_times_ms},
          {"histogram_u32", packed<std::uint32_t>(counts)}};
}

Json phases_json(const JsonPlace& place) {
  Json phases = Json::array();
  for (std::size_t k = 0; k < size_up_to(place, kMostPhases); ++k) {
    const JsonPlace phase = place[k];
    Json json = {{"name", short_text(phase["name"])},
                 {"runs", count(phase["runs"])},
                 {"seconds", number_from(phase["seconds"], 0, kLargest)}};
    for (const char* key : {"looked_at", "changed", "made", "removed", "edges"})
      json[key] = count(phase[key]);
    phases.push_back(std::move(json));
  }
  return phases;
}

Json similarity_json(const JsonPlace& place) {
  const std::size_t n = size_up_to(place["ids"], kMostCompared);
  require_size(place["kappa"], n);
  require_size(place["cosines"], n);
  Json json = {{"ids", Json::array()}, {"kappa", Json::array()}};
  std::vector<float> cosines;
  for (std::size_t row = 0; row < n; ++row) {
    json["ids"].push_back(count(place["ids"][row]));
    json["kappa"].push_back(number_from(place["kappa"][row], 0, 1));
    const JsonPlace of_row = place["cosines"][row];
    require_size(of_row, n);
    for (std::size_t column = 0; column < n; ++column)
      cosines.push_back(static_cast<float>(number_from(of_row[column], -1, 1)));
  }
  json["cosines_f32"] = packed<float>(cosines);
  return json;
}

Json storage_json(const JsonPlace& place) {
  const JsonPlace synced = place["synced_sequence"];
  return {{"bytes", count(place["bytes"])},
          {"bytes_per_item", number_or_null(place["bytes_per_item"], 0, kLargest)},
          {"sync", kSyncs[one_of(place["sync"], kSyncs)]},
          {"sequence", count(place["sequence"])},
          {"synced_sequence", synced.value.is_null() ? Json() : Json(count(synced))},
          {"index", short_text(place["index"])}};
}

/// A phase of the protocol that tests.
struct TestPhase {
  std::string name;
  std::vector<double> begin_ms;  ///< of its trials, ascending
  double known_ms;               ///< when the last trial before it began; below 0: there was none
};

std::vector<TestPhase> test_phases(const analysis::RecordedRun& run) {
  const std::filesystem::path path = run.directory / "trials.h5";
  const auto protocol = run.summary.find("protocol");
  std::error_code ignored;
  if (protocol == run.summary.end() || !std::filesystem::exists(path, ignored)) return {};
  const hdf5::File file = hdf5::File::open(path);
  const hdf5::Group trials = file.root().group("trials");
  std::vector<TestPhase> phases;
  double known_ms = -1;
  for (std::size_t k = 0; k < protocol->size() && trials.has_group(std::to_string(k)); ++k) {
    const hdf5::Group group = trials.group(std::to_string(k));
    std::vector<double> begin_ms = group.dataset("time").read_doubles();
    if (begin_ms.empty()) continue;
    std::ranges::sort(begin_ms);
    const double last_ms = begin_ms.back();
    if (const Json& phase = protocol->at(k); phase.is_object() && phase.contains("correct"))
      phases.push_back({.name = group.text_attribute("name").value_or(""),
                        .begin_ms = std::move(begin_ms),
                        .known_ms = known_ms});
    known_ms = std::max(known_ms, last_ms);
  }
  return phases;
}

/// What is near to a presentation.
struct Near {
  std::uint64_t id;
  std::uint64_t label;
  double begin_ms;
  double cosine;
};
struct Cue {
  double begin_ms;
  std::uint64_t item;
  std::uint64_t label;
  std::vector<Near> nearest;
};

Cue read_cue(const JsonPlace& place) {
  Cue cue{.begin_ms = number_from(place["begin_ms"], 0, kLargest),
          .item = count(place["item"]),
          .label = count(place["label"]),
          .nearest = {}};
  const JsonPlace nearest = place["nearest"];
  for (std::size_t k = 0; k < size_up_to(nearest, kMostNearer); ++k)
    cue.nearest.push_back({.id = count(nearest[k]["id"]),
                           .label = count(nearest[k]["label"]),
                           .begin_ms = number_from(nearest[k]["begin_ms"], -1, kLargest),
                           .cosine = number_from(nearest[k]["cosine"], -1, 1)});
  return cue;
}

/// Of those that the memory knew when the phase began the nearest; null where it knew none.
const Near* recalled_by(const Cue& cue, const TestPhase& phase) {
  const auto known = std::find_if(cue.nearest.rbegin(), cue.nearest.rend(),
                                  [&](const Near& near) { return near.begin_ms <= phase.known_ms; });
  return known == cue.nearest.rend() ? nullptr : &*known;
}

bool presents(const TestPhase& phase, const Cue& cue, double dt_ms) {
  const auto begin = std::ranges::lower_bound(phase.begin_ms, cue.begin_ms - dt_ms / 2);
  return begin != phase.begin_ms.end() && *begin < cue.begin_ms + dt_ms / 2;
}

Json recall_of(const TestPhase& phase, const std::vector<Cue>& cues, double dt_ms) {
  Json json = {{"name", phase.name}, {"cues", 0}, {"right", 0}};
  for (const char* column : {"item", "label", "id", "recalled", "cosine"}) json[column] = Json::array();
  std::uint64_t n = 0;
  std::uint64_t n_right = 0;
  for (const Cue& cue : cues) {
    if (!presents(phase, cue, dt_ms)) continue;
    const Near* const recalled = recalled_by(cue, phase);
    n_right += recalled != nullptr && recalled->label == cue.label ? 1 : 0;
    if (++n > kMostCues) continue;
    json["item"].push_back(cue.item);
    json["label"].push_back(cue.label);
    json["id"].push_back(recalled != nullptr ? Json(recalled->id) : Json());
    json["recalled"].push_back(recalled != nullptr ? Json(recalled->label) : Json());
    json["cosine"].push_back(recalled != nullptr ? Json(std::round(1000 * recalled->cosine) / 1000) : Json());
  }
  json["cues"] = n;
  json["right"] = n_right;
  return json;
}

/// Of each phase that tests and of which the memory has presentations.
Json recall_json(const JsonPlace& place, const std::vector<TestPhase>& phases, double dt_ms) {
  std::vector<Cue> cues;
  for (std::size_t k = 0; k < size_up_to(place, kMostPresentations); ++k) cues.push_back(read_cue(place[k]));
  Json recall = Json::array();
  for (const TestPhase& phase : phases)
    if (Json of_phase = recall_of(phase, cues, dt_ms); of_phase["cues"] > 0)
      recall.push_back(std::move(of_phase));
  return recall;
}

Json space_json(const JsonPlace& place, const std::vector<TestPhase>& phases, double dt_ms) {
  return {{"name", short_text(place["name"])},
          {"dimension", count(place["dimension"])},
          {"items", count(place["items"])},
          {"by_type", counts_of(place["by_type"], kTypes)},
          {"by_band", counts_of(place["by_band"], kBands)},
          {"kappa", kappa_json(place["kappa"])},
          {"course", course_json(place["course"])},
          {"phases", phases_json(place["phases"])},
          {"signals", counts_of(place["signals"], kOutcomes)},
          {"rejected", rejected_json(place["rejected"])},
          {"similarity", similarity_json(place["similarity"])},
          {"recall", recall_json(place["recall"], phases, dt_ms)},
          {"storage", storage_json(place["storage"])}};
}

/// In a batch its number there, which is the name of its directory in `instances`; else 0.
std::uint32_t instance_of(const std::filesystem::path& directory) {
  const std::filesystem::path whole =
      std::filesystem::absolute(directory / "").lexically_normal().parent_path();
  const std::string name = whole.filename().string();
  std::uint32_t instance = 0;
  if (whole.parent_path().filename() != "instances") return 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), instance);
  return error == std::errc() && end == name.data() + name.size() ? instance : 0;
}

/// Of the run's instance the first `most`, by population.
Json ripples_json(const analysis::RecordedRun& run, const JsonPlace& root, std::size_t most) {
  const JsonPlace list = root["ripples"];
  const std::uint32_t own = instance_of(run.directory);
  struct Ripples {
    std::vector<double> begin_ms, end_ms;
    std::vector<float> burst;
    std::vector<std::size_t> outcome;
    std::vector<std::uint64_t> item;
  };
  std::map<std::string, Ripples> of;
  std::size_t shown = 0;
  for (std::size_t k = 0; k < size_up_to(list, kMostRipples); ++k) {
    const JsonPlace ripple = list[k];
    const std::string population = ripple["population"].text();
    if (run.population(population) == nullptr) ripple["population"].fail("a population of the run");
    const double begin_ms = number_from(ripple["begin_ms"], 0, kLargest);
    const double end_ms = number_from(ripple["end_ms"], 0, kLargest);
    if (end_ms < begin_ms) ripple["end_ms"].fail("a time not before begin_ms");
    const auto burst = static_cast<float>(number_from(ripple["burst"], 0, std::numeric_limits<float>::max()));
    const std::size_t outcome = one_of(ripple["outcome"], kOutcomes);
    const std::uint64_t item = count(ripple["item"]);
    const bool is_own = ripple["instance"].unsigned_up_to(std::numeric_limits<std::uint32_t>::max()) == own;
    if (!is_own || shown == most) continue;
    ++shown;
    Ripples& own_ripples = of[population];
    own_ripples.begin_ms.push_back(begin_ms);
    own_ripples.end_ms.push_back(end_ms);
    own_ripples.burst.push_back(burst);
    own_ripples.outcome.push_back(outcome);
    own_ripples.item.push_back(item);
  }
  Json populations = Json::array();
  for (const auto& [name, ripples] : of)
    populations.push_back({{"name", name},
                           {"begin_ms", ripples.begin_ms},
                           {"end_ms", ripples.end_ms},
                           {"burst_f32", packed<float>(ripples.burst)},
                           {"outcome", ripples.outcome},
                           {"item", ripples.item}});
  return {{"total", count(root["ripples_total"])},
          {"shown", shown},
          {"outcomes", kOutcomes},
          {"populations", std::move(populations)}};
}

}  // namespace

Json memory_data(const analysis::RecordedRun& run, MemoryLimits most) {
  const std::filesystem::path path = run.directory / "memory.json";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return nullptr;
  const Json json = parse_json(read_text_file(path, kLargestMemoryFile), path.filename().string());
  const JsonPlace root{json, path.filename().string()};
  if (root["format"].value != 1) root["format"].fail("1");
  const JsonPlace list = root["spaces"];
  const std::vector<TestPhase> phases = test_phases(run);
  Json spaces = Json::array();
  for (std::size_t k = 0; k < std::min(size_up_to(list, kMostSpaces), most.spaces); ++k)
    spaces.push_back(space_json(list[k], phases, run.dt_ms));
  return {{"spaces_total", list.size()},
          {"spaces", std::move(spaces)},
          {"ripples", ripples_json(run, root, most.ripples)}};
}

}  // namespace sharpwave::report

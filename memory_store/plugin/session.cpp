#include "memory_store/plugin/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/io/atomic_file.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/space_json.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kGroup = 64;        ///< signals that are written together
constexpr std::size_t kCalibrated = 200;  ///< windows that the threshold is held against
constexpr std::size_t kMostWarned = 3;    ///< damaged values that are named
constexpr std::size_t kMostRipples = 10'000;
constexpr const char* kFile = "memory.json";

ConsolidationSignal signal_of(const sharpwave_signal& signal, const Provenance& run) {
  ConsolidationSignal s;
  s.provenance = run;
  s.provenance.population = signal.population;
  s.provenance.instance = signal.instance;
  s.provenance.begin_ms = signal.begin_ms;
  s.provenance.end_ms = signal.end_ms;
  s.provenance.signal = signal.number;
  s.is_ripple = signal.kind == SHARPWAVE_SIGNAL_RIPPLE;
  s.embedding.assign(signal.embedding, signal.embedding + signal.dimension);
  s.statistics = {.n_spikes = signal.n_spikes,
                  .mean_rate_Hz = signal.mean_rate_Hz,
                  .synchrony = signal.synchrony,
                  .burst_strength = signal.burst,
                  .weight_change = signal.weight_change,
                  .eligibility = signal.eligibility};
  s.modulators = {.dopamine = signal.dopamine,
                  .serotonin = signal.serotonin,
                  .noradrenaline = signal.noradrenaline,
                  .acetylcholine = signal.acetylcholine};
  if (signal.item != SHARPWAVE_NO_ITEM)
    s.metadata = metadata_of(
        {.item = signal.item,
         .label = signal.label != SHARPWAVE_NO_ITEM ? std::optional(signal.label) : std::nullopt});
  return s;
}

Json outcomes_json(const std::array<std::uint64_t, 5>& outcomes) {
  Json json;
  for (const Outcome outcome :
       {Outcome::formed, Outcome::replayed, Outcome::gated, Outcome::known, Outcome::rejected})
    json[name_of(outcome)] = outcomes.at(static_cast<std::size_t>(outcome));
  return json;
}

[[noreturn]] void refuse_read_only(std::string_view name, const Space& space, const RecoveryReport& report) {
  std::vector<std::string> reasons = report.notes;
  const std::vector<Damage> damage = space.damage();
  for (std::size_t i = 0; i < std::min(damage.size(), kMostWarned); ++i)
    reasons.push_back(fmt::format("{}: {}", damage[i].where, damage[i].what));
  const bool is_damaged = report.is_damaged || report.is_incomplete || !damage.empty();
  throw Error(is_damaged ? ExitCode::damaged_data : ExitCode::io,
              fmt::format("the memory space '{}' is read-only: {}", name, fmt::join(reasons, "; ")));
}

bool lies_in(const std::filesystem::path& place, const std::filesystem::path& folder) {
  const std::filesystem::path relative =
      place.lexically_normal().lexically_relative(folder.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

Session::Session(const sharpwave_plugin_setup& setup, std::nullptr_t)
    : run_(setup.run),
      config_digest_(setup.config_digest),
      branch_(setup.branch),
      folder_(setup.run_folder),
      options_text_(setup.options),
      options_(parse_plugin_options(options_text_)) {}

Session::Session(const sharpwave_plugin_setup& setup, SharedStore& shared) : Session(setup, nullptr) {
  SHARPWAVE_ASSERT(setup.is_coupled == 0);
  shared_ = &shared;
  store_ = &shared.store();
  store_directory_ = shared.directory();
}

Session::Session(const sharpwave_plugin_setup& setup) : Session(setup, nullptr) {
  if (setup.is_coupled != 0) options_.clock = CycleClock::simulated;
  store_directory_ = folder_ / options_.store;  // an absolute path stays as it is
  own_ = std::make_unique<Store>(store_directory_, options_.store_options);
  store_ = own_.get();
  if (setup.snapshot != nullptr)
    store_->go_back_to(setup.snapshot);
  else if (setup.is_resumed == 0 && options_.store == kOwnStore)
    store_->begin_anew();
}

void Session::check(const sharpwave_plugin_setup& setup) {
  const PluginOptions options = parse_plugin_options(setup.options);
  const std::filesystem::path place = setup.run_folder / options.store;
  // Instances that run at the same time could not share one, and what they find would depend on their order.
  if (setup.instance > 0 && !lies_in(place, setup.run_folder))
    throw Error(
        ExitCode::invalid_config,
        fmt::format("memory.options.store: {} lies elsewhere; an instance of a batch has its store in its "
                    "own folder",
                    place.string()));
  expect_store_or_room(place);
  if (setup.snapshot != nullptr) expect_snapshot(setup.snapshot);
  if (!is_store(place)) return;
  const Store store(place, options.store_options);
  if (setup.snapshot != nullptr || (setup.is_resumed == 0 && options.store == kOwnStore))
    store.expect_all_unmarked();
}

Session::SpaceInUse& Session::in_use(std::string_view name) {
  const auto at = spaces_.find(name);
  if (at != spaces_.end()) return at->second;
  const std::vector<std::string> known = store_->spaces();
  if (std::find(known.begin(), known.end(), name) == known.end()) store_->create(name);
  SpaceInUse used{
      .space = store_->space(name), .consolidator = nullptr, .outcomes = {}, .course = {}, .recall = {}};
  for (const std::string& note : store_->report(name).notes) warn(fmt::format("space '{}': {}", name, note));
  if (used.space->is_read_only()) refuse_read_only(name, *used.space, store_->report(name));
  keep_options(*used.space);
  if (shared_ != nullptr)
    used.consolidator = shared_->consolidator(name, options_.consolidation);
  else
    used.consolidator = std::make_shared<Consolidator>(
        used.space, options_.consolidation,
        options_.clock == CycleClock::wall ? ConsolidationMode::background : ConsolidationMode::coupled);
  return spaces_.emplace(name, std::move(used)).first->second;
}

/// In the space, for those who consolidate it by hand. Where they are there already nothing is changed.
void Session::keep_options(Space& space) const {
  const std::string kept = Json::parse(options_text_).dump();
  space.commit([&](Transaction& change) {
    if (change.meta(kRunOptionsKey) != kept) change.set_meta(kRunOptionsKey, kept);
  });
}

void Session::take(const sharpwave_signal& signal, sharpwave_answer* answer) {
  SpaceInUse& used = in_use(signal.space);
  // So that the course has what each cycle came to.
  const bool is_first = enters_epoch(used, signal.end_ms);
  if (is_first) static_cast<void>(take_what_waits(used));
  used.last_end_ms =
      std::max(used.last_end_ms, signal.end_ms);  // a ripple may end before a window that was told
  used.waiting.push_back(
      signal_of(signal, {.run = run_, .config_digest = config_digest_, .population = {}, .branch = branch_}));
  if (answer == nullptr) {
    if (is_first || used.waiting.size() >= kGroup) static_cast<void>(take_what_waits(used));
    return;
  }
  const Consolidator::Answer result = take_what_waits(used);
  replays_.clear();
  answer->n_replays = 0;
  // A store of before may have embeddings of another dimension.
  for (const std::vector<float>& replay : result.replays) {
    if (replay.size() != signal.dimension || answer->n_replays == SHARPWAVE_PLUGIN_MOST_REPLAYS) continue;
    replays_.insert(replays_.end(), replay.begin(), replay.end());
    ++answer->n_replays;
  }
  answer->novelty = result.taken.back().novelty;
  answer->replays = replays_.data();
}

Consolidator::Answer Session::take_what_waits(SpaceInUse& used) {
  const std::vector<ConsolidationSignal> signals = std::exchange(used.waiting, {});
  Consolidator::Answer result;
  if (!signals.empty()) result = used.consolidator->take(signals);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ++used.outcomes.at(static_cast<std::size_t>(result.taken[i].outcome));
    if (signals[i].is_ripple)
      note_ripple(signals[i], result.taken[i]);
    else if (result.taken[i].item != kNoItem)
      note_window(used, signals[i].embedding);
    if (result.taken[i].outcome != Outcome::rejected) used.recall.note(signals[i]);
    if (result.taken[i].refusal) warn_of(signals[i], *result.taken[i].refusal);
  }
  note_cycles(used);
  return result;
}

void Session::note_window(SpaceInUse& used, const std::vector<float>& embedding) {
  if (used.first_windows.size() < kCalibrated * embedding.size())
    used.first_windows.insert(used.first_windows.end(), embedding.begin(), embedding.end());
}

/// Also those that have come to their end in the background.
void Session::note_cycles(SpaceInUse& used) {
  const ConsolidatorStatus status = used.consolidator->status();
  if (!status.last_error.empty() && !std::exchange(used.has_warned, true))
    warn("consolidation: " + status.last_error);
  if (status.n_cycles == used.cycles_noted) return;
  used.cycles_noted = status.n_cycles;
  used.course.note(used.last_end_ms, status_of(*used.space));
}

void Session::warn(const std::string& what) {
  warning_ += (warning_.empty() ? "" : "; ") + what;
}

/// Whether a cycle by simulated time may come before a signal.
bool Session::enters_epoch(const SpaceInUse& used, double end_ms) const {
  if (options_.clock == CycleClock::wall) return false;
  const double every_ms = options_.consolidation.cycle.simulated_every_ms;
  return std::floor(end_ms / every_ms) > std::floor(used.last_end_ms / every_ms);
}

void Session::warn_of(const ConsolidationSignal& signal, const Refusal& refusal) {
  if (!warned_of_.insert(refusal.reason).second) return;
  warn(fmt::format(
      "signal {} of {} was refused as {}: {}; the like are counted, and listed by `sharpwave memory list "
      "--refused`",
      signal.provenance.signal, signal.provenance.population, name_of(refusal.reason), refusal.what));
}

void Session::note_ripple(const ConsolidationSignal& signal, const Taken& taken) {
  if (++n_ripples_ > kMostRipples) return;
  ripples_.push_back({.population = signal.provenance.population,
                      .instance = signal.provenance.instance,
                      .begin_ms = signal.provenance.begin_ms,
                      .end_ms = signal.provenance.end_ms,
                      .burst = signal.statistics.burst_strength,
                      .outcome = taken.outcome,
                      .item = taken.item});
}

void Session::flush() {
  for (auto& [name, used] : spaces_) {
    static_cast<void>(take_what_waits(used));
    used.space->sync();
    calibrate_anew(name, used);
    used.recall.look_up(*used.space);
  }
  write_file_atomically(folder_ / kFile, whole_status());
}

void Session::snapshot(const std::filesystem::path& folder) {
  for (auto& [name, used] : spaces_) static_cast<void>(take_what_waits(used));
  store_->snapshot(folder);
}

const std::string& Session::status() {
  Json json = {{"store", store_directory_.string()}, {"spaces", Json::array()}};
  for (const auto& [name, used] : spaces_) {
    const SpaceStatus status = status_of(*used.space);
    Json space = {{"name", name},
                  {"items", status.n_items},
                  {"cycle", status.cycle},
                  {"mean_kappa", status.mean_kappa}};
    space["by_band"] = bands_json(status);
    space["signals"] = outcomes_json(used.outcomes);
    json["spaces"].push_back(std::move(space));
  }
  status_ = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return status_;
}

/// Where windows came since the last time.
void Session::calibrate_anew(std::string_view name, SpaceInUse& used) {
  const std::uint32_t dimension = used.space->dimension();
  if (used.first_windows.size() == used.n_calibrated ||
      used.first_windows.size() < 2 * std::size_t{dimension})
    return;
  constexpr std::uint64_t kSeed = 0;
  const double similarity = options_.consolidation.take.similarity;
  used.n_calibrated = used.first_windows.size();
  used.calibration = calibrate(used.first_windows, dimension, similarity, kSeed, name);
  if (used.calibration->threshold > similarity && !std::exchange(used.has_warned_of_chance, true))
    warn(fmt::format(
        "space '{}': unrelated windows are alike up to a cosine of {:.3g}, above take.similarity of {}: "
        "some are taken for replays by chance",
        name, used.calibration->threshold, similarity));
}

Json Session::calibration_json(const SpaceInUse& used) const {
  if (!used.calibration) return nullptr;
  const Calibration& found = *used.calibration;
  return {{"windows", found.n_windows},
          {"median", found.median},
          {"q90", found.q90},
          {"q99", found.q99},
          {"q999", found.q999},
          {"largest", found.largest},
          {"similarity", options_.consolidation.take.similarity},
          {"threshold", found.threshold},
          {"share_alike", found.share_alike}};
}

std::string Session::whole_status() const {
  Json json = {
      {"format", 1}, {"spaces", Json::array()}, {"ripples", Json::array()}, {"ripples_total", n_ripples_}};
  for (const auto& [name, used] : spaces_) {
    Json space = space_json(name, *used.space, store_->sync_mode());
    space["signals"] = outcomes_json(used.outcomes);
    space["course"] = used.course.json();
    space["recall"] = used.recall.json();
    space["calibration"] = calibration_json(used);
    space["recovery"] = recovery_json(store_->report(name));
    space["consolidation_error"] = used.consolidator->status().last_error;
    json["spaces"].push_back(std::move(space));
  }
  for (const Ripple& ripple : ripples_)
    json["ripples"].push_back({{"population", ripple.population},
                               {"instance", ripple.instance},
                               {"begin_ms", ripple.begin_ms},
                               {"end_ms", ripple.end_ms},
                               {"burst", ripple.burst},
                               {"outcome", name_of(ripple.outcome)},
                               {"item", ripple.item}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sharpwave::memory

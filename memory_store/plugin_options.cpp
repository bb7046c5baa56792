#include "memory_store/plugin_options.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "memory_store/codec.hpp"

namespace sharpwave::memory {

namespace {

/// Reads the keys of an object that it is asked for; those that nobody asks for are faults.
class OptionsReader {
 public:
  OptionsReader(const Json& object, std::string path, std::vector<std::string>& faults)
      : object_(object), path_(std::move(path)), faults_(faults) {}
  OptionsReader(const OptionsReader&) = delete;
  OptionsReader& operator=(const OptionsReader&) = delete;
  ~OptionsReader() {
    for (const auto& [key, value] : object_.items())
      if (!known_.contains(key)) faults_.push_back(fmt::format("{}: unknown key", place(key)));
  }

  void read(const char* key, double& out) {
    const Json* const value = find(key);
    if (value == nullptr) return;
    if (value->is_number())
      out = value->get<double>();
    else
      expected(key, *value, "a number");
  }
  void read(const char* key, std::uint64_t& out) {
    const Json* const value = find(key);
    if (value == nullptr) return;
    if (value->is_number_unsigned())
      out = value->get<std::uint64_t>();
    else
      expected(key, *value, "a whole number, 0 or more");
  }
  void read(const char* key, std::string& out) {
    const Json* const value = find(key);
    if (value == nullptr) return;
    if (value->is_string() && !value->get_ref<const std::string&>().empty())
      out = value->get<std::string>();
    else
      expected(key, *value, "a text");
  }
  template <class Value>
  void read(const char* key, Value& out, const std::vector<std::pair<const char*, Value>>& choices) {
    const Json* const value = find(key);
    if (value == nullptr) return;
    std::string names;
    for (const auto& [name, choice] : choices) {
      if (*value == name) {
        out = choice;
        return;
      }
      names += fmt::format("{}{}", names.empty() ? "one of " : ", ", name);
    }
    expected(key, *value, names);
  }
  /// Calls read_keys(OptionsReader&) for the object under `key`.
  template <class ReadKeys>
  void section(const char* key, const ReadKeys& read_keys) {
    const Json* const value = find(key);
    if (value == nullptr) return;
    if (!value->is_object()) return expected(key, *value, "a mapping");
    OptionsReader below(*value, place(key), faults_);
    read_keys(below);
  }

 private:
  [[nodiscard]] const Json* find(const char* key) {
    known_.insert(key);
    const auto at = object_.find(key);
    return at == object_.end() ? nullptr : &*at;
  }
  [[nodiscard]] std::string place(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
  }
  void expected(const std::string& key, const Json& value, const std::string& what) {
    constexpr std::size_t kMostShown = 40;
    const std::string read = value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, kMostShown);
    faults_.push_back(fmt::format("{}: read {}, expected {}", place(key), read, what));
  }

  const Json& object_;
  std::string path_;
  std::vector<std::string>& faults_;
  std::set<std::string> known_;
};

void read_take(OptionsReader& reader, TakeParameters& p) {
  reader.read("similarity", p.similarity);
  reader.section("gate_floor", [&](OptionsReader& floor) {
    floor.read("dopamine", p.gate_floor.dopamine);
    floor.read("serotonin", p.gate_floor.serotonin);
    floor.read("noradrenaline", p.gate_floor.noradrenaline);
    floor.read("acetylcholine", p.gate_floor.acetylcholine);
  });
  reader.read("importance", p.importance);
  reader.read("surprise_gain", p.surprise_gain);
  reader.read("dopamine_gain", p.dopamine_gain);
  reader.read("change_gain", p.change_gain);
  reader.read("dopamine_neutral", p.dopamine_neutral);
  reader.read("dopamine_half", p.dopamine_half);
  reader.read("change_half", p.change_half);
  reader.read("replay_kappa", p.replay_kappa);
}

void read_nrem(OptionsReader& reader, NremParameters& p) {
  reader.read("most_kappa", p.most_kappa);
  reader.read("least_importance", p.least_importance);
  reader.read("most_items", p.most_items);
  reader.read("passes", p.passes);
  reader.read("kappa", p.kappa);
  reader.read("together", p.together);
  reader.read("edge_start", p.edge_start);
  reader.read("edge", p.edge);
}

void read_reinjection(OptionsReader& reader, ReinjectionParameters& p) {
  reader.read("least_kappa", p.least_kappa);
  reader.read("below_kappa", p.below_kappa);
  reader.read("most_items", p.most_items);
  reader.read("kappa", p.kappa);
}

void read_rem(OptionsReader& reader, RemParameters& p) {
  reader.read("least_kappa", p.least_kappa);
  reader.read("most_kappa", p.most_kappa);
  reader.read("similarity", p.similarity);
  reader.read("least_members", p.least_members);
  reader.read("most_members", p.most_members);
  reader.read("most_leaders", p.most_leaders);
  reader.read("kappa", p.kappa);
  reader.read("edge", p.edge);
  reader.read("more_kappa", p.more_kappa);
}

void read_cycle(OptionsReader& reader, CycleParameters& p, CycleClock& clock) {
  reader.read("clock", clock, {{"wall", CycleClock::wall}, {"simulated", CycleClock::simulated}});
  reader.read("rounds", p.rounds);
  reader.read("half_life", p.half_life);
  reader.read("apart_s", p.apart_s);
  reader.read("every_s", p.every_s);
  reader.read("write_buffer", p.write_buffer);
  reader.read("inserts_per_minute", p.inserts_per_minute);
  reader.read("simulated_every_ms", p.simulated_every_ms);
}

void read_all(OptionsReader& reader, PluginOptions& options) {
  std::string store = options.store.string();
  reader.read("store", store);
  options.store = store;
  reader.read("sync", options.store_options.sync,
              {{"always", SyncMode::always}, {"interval", SyncMode::interval}, {"none", SyncMode::none}});
  ConsolidationParameters& p = options.consolidation;
  reader.section("take", [&](OptionsReader& below) { read_take(below, p.take); });
  reader.section("nrem", [&](OptionsReader& below) { read_nrem(below, p.nrem); });
  reader.section("reinjection", [&](OptionsReader& below) { read_reinjection(below, p.reinjection); });
  reader.section("rem", [&](OptionsReader& below) { read_rem(below, p.rem); });
  reader.section("prune", [&](OptionsReader& below) {
    below.read("most_kappa", p.prune.most_kappa);
    below.read("below_importance", p.prune.below_importance);
  });
  reader.section("cycle", [&](OptionsReader& below) { read_cycle(below, p.cycle, options.clock); });
}

}  // namespace

PluginOptions parse_plugin_options(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw Error(ExitCode::invalid_config, "memory.options: expected a mapping");
  PluginOptions options;
  std::vector<std::string> faults;
  {
    OptionsReader reader(json, "", faults);
    read_all(reader, options);
  }
  for (std::string& fault : check(options.consolidation)) faults.push_back(std::move(fault));
  if (faults.empty()) return options;
  std::string message = "memory.options:";
  for (const std::string& fault : faults) message += "\n  " + fault;
  throw Error(ExitCode::invalid_config, message);
}

std::optional<std::string> run_options_of(const Space& space) {
  const auto kept = space.meta(kRunOptionsKey);
  return kept.empty() ? std::nullopt : std::optional(kept.front().second);
}

}  // namespace sharpwave::memory

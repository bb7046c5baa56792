#include "host/signals/plugin.hpp"

#include <dlfcn.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/log.hpp"
#include "host/io/hdf5.hpp"
#include "host/network/step_times.hpp"
#include "memory_store/consolidation_plugin.h"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostMessage = 4096;

// The library is not thread-safe, and the program uses it while a plugin does.
thread_local std::optional<hdf5::LibraryLock> held;
void lock_hdf5() {
  held = hdf5::lock_library();
}
void unlock_hdf5() {
  held.reset();
}

std::vector<fs::path> places_of(const std::string& name) {
  if (name.find('/') != std::string::npos) return {fs::path(name)};
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  const std::string file = "libsharpwave_" + name + ".so";
  return {program / file, (program / SHARPWAVE_PLUGIN_FOLDER / file).lexically_normal()};
}

fs::path find_library(const std::string& name) {
  std::string looked;
  for (const fs::path& place : places_of(name)) {
    std::error_code error;
    if (fs::is_regular_file(place, error)) return fs::absolute(place, error);
    looked += (looked.empty() ? "" : ", ") + place.string();
  }
  throw Error(ExitCode::plugin,
              "memory.plugin: there is no consolidation plugin '" + name + "'; looked for " + looked);
}

ExitCode code_of(int result) {
  switch (result) {
    case SHARPWAVE_PLUGIN_USAGE:
      return ExitCode::invalid_config;
    case SHARPWAVE_PLUGIN_IO:
      return ExitCode::io;
    case SHARPWAVE_PLUGIN_NO_ROOM:
      return ExitCode::no_room;
    case SHARPWAVE_PLUGIN_DAMAGED:
      return ExitCode::damaged_data;
    default:
      return ExitCode::plugin;
  }
}

}  // namespace

struct ConsolidationPlugin::Loaded {
  struct Close {
    void operator()(void* library) const { dlclose(library); }
  };

  fs::path file;
  std::unique_ptr<void, Close> library;
  const sharpwave_plugin* functions = nullptr;
  void* self = nullptr;
  bool is_open = false;
  PluginRun run;

  [[nodiscard]] std::string who() const { return "consolidation plugin " + file.string(); }

  [[noreturn]] void breaks(const std::string& how) const {
    throw Error(ExitCode::plugin, who() + " breaks its interface: " + how);
  }

  /// Calls call(message) and says why it could not do `what`.
  template <class Call>
  void checked(const char* what, const Call& call) const {
    std::array<char, kMostMessage> text{};
    sharpwave_plugin_message message{text.data(), text.size()};
    const int result = call(&message);
    text.back() = '\0';
    if (result == SHARPWAVE_PLUGIN_OK) {
      if (text[0] != '\0') logger_named("run")->warn("memory: {}", text.data());
      return;
    }
    const std::string why = text[0] == '\0' ? "it does not say why" : text.data();
    const ExitCode code = code_of(result);
    throw Error(code, who() + " cannot " + what + ": " + why +
                          (code == ExitCode::plugin ? " (result " + std::to_string(result) + ")" : ""));
  }

  [[nodiscard]] Answer answer_of(const sharpwave_answer& given, std::size_t dimension) const {
    if (!std::isfinite(given.novelty)) breaks("a novelty that is not finite");
    if (given.n_replays > SHARPWAVE_PLUGIN_MOST_REPLAYS || (given.n_replays > 0 && given.replays == nullptr))
      breaks("more replays than " + std::to_string(SHARPWAVE_PLUGIN_MOST_REPLAYS) +
             ", or none where it says some");
    Answer answer{.novelty = given.novelty};
    if (given.n_replays > 0)
      answer.patterns.assign(given.replays, given.replays + given.n_replays * dimension);
    for (const float value : answer.patterns)
      if (!std::isfinite(value)) breaks("a pattern to be replayed that is not finite");
    return answer;
  }
};

ConsolidationPlugin::ConsolidationPlugin(const std::string& name) : loaded_(std::make_unique<Loaded>()) {
  loaded_->file = find_library(name);
  // What a library has begun (threads, thread-local objects) may outlive its last use.
  loaded_->library.reset(dlopen(loaded_->file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
  if (loaded_->library == nullptr) {
    const char* why = dlerror();
    throw Error(ExitCode::plugin, "memory.plugin: " + loaded_->file.string() +
                                      " cannot be loaded: " + (why == nullptr ? "no reason given" : why));
  }
  const auto entry = reinterpret_cast<sharpwave_plugin_entry>(  // POSIX: dlsym is for functions as well
      dlsym(loaded_->library.get(), SHARPWAVE_PLUGIN_ENTRY));
  if (entry == nullptr)
    throw Error(ExitCode::plugin, "memory.plugin: " + loaded_->file.string() +
                                      " is no consolidation plugin: it has no function " +
                                      SHARPWAVE_PLUGIN_ENTRY);
  const sharpwave_plugin* functions = entry();
  if (functions == nullptr) loaded_->breaks(std::string(SHARPWAVE_PLUGIN_ENTRY) + "() returns nothing");
  if (functions->version != SHARPWAVE_PLUGIN_VERSION)
    throw Error(ExitCode::plugin, "memory.plugin: " + loaded_->file.string() + " was built with version " +
                                      std::to_string(functions->version) +
                                      " of the plugin interface; expected " +
                                      std::to_string(SHARPWAVE_PLUGIN_VERSION) + ": build it again");
  if (functions->open == nullptr || functions->take == nullptr || functions->flush == nullptr ||
      functions->snapshot == nullptr || functions->status == nullptr || functions->close == nullptr ||
      functions->check == nullptr)
    loaded_->breaks("one of its functions is not there");
  loaded_->functions = functions;
}

ConsolidationPlugin::~ConsolidationPlugin() {
  if (loaded_->is_open) loaded_->functions->close(loaded_->self);
}

void with_plugin_setup(const PluginRun& run, const std::function<void(const sharpwave_plugin_setup&)>& call) {
  const std::string snapshot = run.snapshot ? run.snapshot->string() : std::string();
  const std::string folder = run.folder.string();
  sharpwave_plugin_setup setup{};
  setup.size = sizeof setup;
  setup.is_coupled = run.is_coupled ? 1 : 0;
  setup.run = run.run_id.c_str();
  setup.config_digest = run.config_digest.c_str();
  setup.run_folder = folder.c_str();
  setup.options = run.options.c_str();
  setup.snapshot = run.snapshot ? snapshot.c_str() : nullptr;
  setup.branch = run.branch;
  setup.is_resumed = run.is_resumed ? 1 : 0;
  setup.instance = run.instance;
  setup.lock_hdf5 = lock_hdf5;
  setup.unlock_hdf5 = unlock_hdf5;
  call(setup);
}

void ConsolidationPlugin::check(const PluginRun& run) const {
  with_plugin_setup(run, [&](const sharpwave_plugin_setup& setup) {
    loaded_->checked("be opened", [&](auto* message) { return loaded_->functions->check(&setup, message); });
  });
}

void ConsolidationPlugin::open(const PluginRun& run) {
  Loaded& loaded = *loaded_;
  SHARPWAVE_ASSERT(!loaded.is_open);
  loaded.run = run;
  with_plugin_setup(run, [&](const sharpwave_plugin_setup& setup) {
    loaded.checked("be opened",
                   [&](auto* message) { return loaded.functions->open(&setup, &loaded.self, message); });
  });
  loaded.is_open = true;
}

sharpwave_signal plugin_signal(const PluginRun& run, const Signal& signal) {
  sharpwave_signal given{};
  given.size = sizeof given;
  given.kind = signal.kind == SignalKind::window ? SHARPWAVE_SIGNAL_WINDOW : SHARPWAVE_SIGNAL_RIPPLE;
  given.instance = run.instance;
  given.dimension = static_cast<std::uint32_t>(signal.embedding.size());
  given.population = run.populations[signal.stream].c_str();
  given.space = run.spaces[signal.stream].c_str();
  given.embedding = signal.embedding.data();
  given.number = signal.number;
  given.begin_ms = time_of_step_ms(signal.begin_step, run.dt_ms);
  given.end_ms = time_of_step_ms(signal.end_step, run.dt_ms);
  given.n_spikes = static_cast<double>(signal.n_spikes);
  given.mean_rate_Hz = signal.mean_rate_Hz;
  given.synchrony = signal.synchrony;
  given.burst = signal.burst;
  given.weight_change = signal.weight_change;
  given.eligibility = signal.eligibility;
  given.dopamine = signal.levels.dopamine;
  given.serotonin = signal.levels.serotonin;
  given.noradrenaline = signal.levels.noradrenaline;
  given.acetylcholine = signal.levels.acetylcholine;
  given.item = signal.item;
  given.label = signal.label;
  return given;
}

std::optional<Answer> ConsolidationPlugin::take(const Signal& signal) {
  const Loaded& loaded = *loaded_;
  SHARPWAVE_ASSERT(loaded.is_open);
  const PluginRun& run = loaded.run;
  const sharpwave_signal given = plugin_signal(run, signal);
  sharpwave_answer answer{};
  answer.size = sizeof answer;
  answer.novelty = 1;
  loaded.checked("take a signal", [&](auto* message) {
    return loaded.functions->take(loaded.self, &given, run.is_coupled ? &answer : nullptr, message);
  });
  if (!run.is_coupled) return std::nullopt;
  return loaded.answer_of(answer, signal.embedding.size());
}

void ConsolidationPlugin::flush() {
  loaded_->checked("flush", [&](auto* message) { return loaded_->functions->flush(loaded_->self, message); });
}

void ConsolidationPlugin::snapshot(const fs::path& folder) {
  loaded_->checked("take a snapshot", [&](auto* message) {
    return loaded_->functions->snapshot(loaded_->self, folder.c_str(), message);
  });
}

std::string ConsolidationPlugin::status() {
  const char* text = loaded_->functions->status(loaded_->self);
  if (text == nullptr) return "{}";
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) loaded_->breaks("its status is no JSON object");
  return text;
}

}  // namespace sharpwave

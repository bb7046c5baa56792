// Who takes the signals of a run; and a consolidation plugin, a shared library behind
// memory_store/consolidation_plugin.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/signals/signal.hpp"
#include "memory_store/consolidation_plugin.h"

namespace sharpwave {

/// What who takes its signals is told of a run.
struct PluginRun {
  std::string run_id;
  std::string config_digest;
  std::filesystem::path folder;
  std::string options;                              ///< JSON object
  std::optional<std::filesystem::path> snapshot{};  ///< to go on from
  std::uint32_t branch = 0;
  bool is_resumed = false;  ///< else it begins
  std::uint32_t instance = 0;
  bool is_coupled = false;
  double dt_ms = 0.1;
  std::vector<std::string> populations{};  ///< of each stream
  std::vector<std::string> spaces{};       ///< likewise
};

/// What a coupled run gets back for a signal.
struct Answer {
  double novelty = 1;
  std::vector<float>
      patterns{};  ///< to be replayed, one after the other, each as long as the signal's embedding
  bool operator==(const Answer&) const = default;
};

/// Takes the signals of one run. Its functions may be called by several threads, not at once.
/// All throw Error(io), Error(no_room), Error(damaged_data), Error(invalid_config).
class SignalTaker {
 public:
  SignalTaker() = default;
  SignalTaker(const SignalTaker&) = delete;
  SignalTaker& operator=(const SignalTaker&) = delete;
  virtual ~SignalTaker() = default;

  /// Whether open() could do for this run; nothing is made.
  virtual void check(const PluginRun& run) const = 0;
  /// Once; what is below may be called from then on.
  virtual void open(const PluginRun& run) = 0;
  /// @return where the run is coupled.
  virtual std::optional<Answer> take(const Signal& signal) = 0;
  /// All that was taken is on the disk when it returns.
  virtual void flush() = 0;
  /// @param folder  must not exist.
  virtual void snapshot(const std::filesystem::path& folder) = 0;
  /// A JSON object.
  [[nodiscard]] virtual std::string status() = 0;
};

/// Calls call(setup), which is valid until it returns.
void with_plugin_setup(const PluginRun& run, const std::function<void(const sharpwave_plugin_setup&)>& call);
/// A signal of a run in C; valid as long as both are.
[[nodiscard]] sharpwave_signal plugin_signal(const PluginRun& run, const Signal& signal);

/// One run's use of a plugin. Errors have the plugin's words; Error(plugin) where it breaks the interface.
class ConsolidationPlugin final : public SignalTaker {
 public:
  /// Loads the library.
  /// @param name  letters, digits and _: libsharpwave_NAME.so in the program's folder, or in the folder of
  ///              libraries that it was installed with; with a slash: the file.
  /// @throws Error(plugin) where it is not there, no library, no plugin, or of another version.
  explicit ConsolidationPlugin(const std::string& name);
  ~ConsolidationPlugin() override;

  void check(const PluginRun& run) const override;
  void open(const PluginRun& run) override;
  std::optional<Answer> take(const Signal& signal) override;
  void flush() override;
  void snapshot(const std::filesystem::path& folder) override;
  [[nodiscard]] std::string status() override;

 private:
  struct Loaded;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace sharpwave

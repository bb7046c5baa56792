// A consolidation plugin: a shared library behind memory_store/consolidation_plugin.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/signals/signal.hpp"

namespace sharpwave {

/// What the plugin is told of a run.
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

/// One run's use of a plugin. Its functions may be called by several threads, not at once.
/// All throw Error(io), Error(no_room), Error(damaged_data), Error(invalid_config) for what the plugin says,
/// with its words, and Error(plugin) where it breaks the interface.
class ConsolidationPlugin {
 public:
  /// Loads the library.
  /// @param name  letters, digits and _: libsharpwave_NAME.so in the program's folder, or in the folder of
  ///              libraries that it was installed with; with a slash: the file.
  /// @throws Error(plugin) where it is not there, no library, no plugin, or of another version.
  explicit ConsolidationPlugin(const std::string& name);
  ~ConsolidationPlugin();
  ConsolidationPlugin(ConsolidationPlugin&&) noexcept;
  ConsolidationPlugin& operator=(ConsolidationPlugin&&) noexcept;

  /// Whether open() could do for this run; nothing is made.
  void check(const PluginRun& run) const;
  /// What is below may be called between open() and close().
  void open(const PluginRun& run);
  void close();
  [[nodiscard]] bool is_open() const;

  /// @return where the run is coupled.
  std::optional<Answer> take(const Signal& signal);
  void flush();
  /// @param folder  must not exist.
  void snapshot(const std::filesystem::path& folder);
  /// A JSON object.
  [[nodiscard]] std::string status();

 private:
  struct Loaded;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace sharpwave

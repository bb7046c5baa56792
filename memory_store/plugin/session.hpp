// What the plugin `memory` does during a run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/json.hpp"
#include "memory_store/consolidation_plugin.h"
#include "memory_store/plugin/course.hpp"
#include "memory_store/plugin/recall.hpp"
#include "memory_store/plugin_options.hpp"

namespace sharpwave::memory {

/// A store that is open already, because others use it as well.
class SharedStore {
 public:
  SharedStore() = default;
  SharedStore(const SharedStore&) = delete;
  SharedStore& operator=(const SharedStore&) = delete;
  virtual ~SharedStore() = default;

  [[nodiscard]] virtual Store& store() = 0;
  [[nodiscard]] virtual std::filesystem::path directory() const = 0;
  /// Who consolidates a space that is there, by `parameters` from now on. @throws as Store::space().
  [[nodiscard]] virtual std::shared_ptr<Consolidator> consolidator(
      std::string_view space, const ConsolidationParameters& parameters) = 0;
};

/// The memory of a run: its store, and for each space what consolidates it. One thread at a time.
class Session {
 public:
  /// Opens the store. One of an earlier run that lies where this run's own is to be is set aside beside it.
  /// @throws Error, as parse_plugin_options() and Store.
  explicit Session(const sharpwave_plugin_setup& setup);
  /// Of a run that is not coupled: its signals go into `shared`, which outlives this, whatever store its
  /// options name.
  Session(const sharpwave_plugin_setup& setup, SharedStore& shared);

  /// @throws Error where the constructor would. Makes nothing.
  static void check(const sharpwave_plugin_setup& setup);

  /// Signals that nobody waits for are written in groups, which share their writes to the disk: at the latest
  /// by flush().
  /// @param answer  null: nobody asks. What it points to is valid until the next call.
  /// @throws Error, as Consolidator::take(); Error(usage) for a space with an impossible name.
  void take(const sharpwave_signal& signal, sharpwave_answer* answer);
  /// What the user has to know: how spaces were found, why signals were refused (each reason once), that
  /// cycles fail, that windows look alike by chance. Empty where there is nothing new.
  [[nodiscard]] std::string take_warning() { return std::exchange(warning_, {}); }
  /// Everything that was taken is on the disk when it returns, and memory.json tells of it.
  void flush();
  /// All of the store, in a folder that is not there yet.
  void snapshot(const std::filesystem::path& folder);
  /// For run.json: what became of the signals of this run, and what the spaces hold. Valid until the next
  /// call.
  [[nodiscard]] const std::string& status();

 private:
  struct SpaceInUse {
    std::shared_ptr<Space> space;
    std::shared_ptr<Consolidator> consolidator;
    std::array<std::uint64_t, 5> outcomes{};  ///< as Outcome counts
    Course course;
    Recall recall;
    std::vector<ConsolidationSignal> waiting;
    std::vector<float> first_windows;  ///< embeddings, for the calibration
    std::size_t n_calibrated = 0;      ///< of their numbers, in the calibration
    std::optional<Calibration> calibration;
    double last_end_ms = 0;  ///< the latest of those that were taken or wait
    std::uint64_t cycles_noted = 0;
    bool has_warned = false;            ///< that a cycle failed
    bool has_warned_of_chance = false;  ///< that windows look alike by chance
  };
  struct Ripple {
    std::string population;
    std::uint32_t instance;
    double begin_ms, end_ms, burst;
    Outcome outcome;
    ItemId item;
  };

  explicit Session(const sharpwave_plugin_setup& setup, std::nullptr_t);
  [[nodiscard]] SpaceInUse& in_use(std::string_view name);
  void keep_options(Space& space) const;
  Consolidator::Answer take_what_waits(SpaceInUse& used);
  void note_cycles(SpaceInUse& used);
  static void note_window(SpaceInUse& used, const std::vector<float>& embedding);
  void warn(const std::string& what);
  void warn_of(const ConsolidationSignal& signal, const Refusal& refusal);
  [[nodiscard]] bool enters_epoch(const SpaceInUse& used, double end_ms) const;
  void note_ripple(const ConsolidationSignal& signal, const Taken& taken);
  [[nodiscard]] std::string whole_status() const;
  void calibrate_anew(std::string_view name, SpaceInUse& used);
  [[nodiscard]] Json calibration_json(const SpaceInUse& used) const;

  std::string run_;
  std::string config_digest_;
  std::uint32_t branch_;
  std::filesystem::path folder_;  ///< of the run
  std::string options_text_;
  PluginOptions options_;
  SharedStore* shared_ = nullptr;  ///< or
  std::unique_ptr<Store> own_;
  Store* store_ = nullptr;  ///< of one of the two
  std::filesystem::path store_directory_;
  std::map<std::string, SpaceInUse, std::less<>> spaces_;
  std::vector<Ripple> ripples_;
  std::uint64_t n_ripples_ = 0;
  std::vector<float> replays_;
  std::string warning_;
  std::set<Reason> warned_of_;
  std::string status_;
};

}  // namespace sharpwave::memory

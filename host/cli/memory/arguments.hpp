// What `sharpwave memory ...` is asked to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/cli/log_options.hpp"

namespace sharpwave::cli {

/// What every one of its commands takes.
struct MemoryPlace {
  std::filesystem::path store;
  std::string space = "default";
  bool json = false;
  LogOptions log;
};

/// A closed interval; what is not given has no bound.
struct Between {
  std::optional<double> from;
  std::optional<double> to;
};

/// Which items are meant.
struct MemoryFilter {
  Between kappa;
  Between time_ms;                  ///< of the event, simulated
  std::optional<std::string> type;  ///< "episodic", "semantic" or "procedural"
};

/// Where an embedding comes from: exactly one of these.
struct MemoryCue {
  std::optional<std::string> numbers;  ///< "0.1,0.2,..."
  std::optional<std::filesystem::path> file;
  std::optional<std::uint64_t> like;  ///< an item
};

struct MemoryStats : MemoryPlace {};
struct MemoryList : MemoryPlace {
  MemoryFilter filter;
  std::size_t limit = 50;
  std::uint64_t after = 0;  ///< ids above this one
  bool refused = false;     ///< what was refused, instead of items
};
struct MemoryShow : MemoryPlace {
  std::uint64_t id = 0;
};
struct MemoryAdd : MemoryPlace {
  MemoryCue embedding;
  std::string type = "episodic";
  std::string metadata;
  double event_ms = 0;
};
struct MemoryDelete : MemoryPlace {
  std::vector<std::uint64_t> ids;
};
struct MemorySearch : MemoryPlace {
  MemoryCue cue;
  MemoryFilter filter;
  std::size_t k = 10;
  bool exact = false;
};
struct MemoryConsolidate : MemoryPlace {
  std::string phase;  ///< "nrem", "rem", "prune" or "cycle"
};
struct MemorySpaces : MemoryPlace {
  std::string verb = "list";  ///< or "create", "reset", "drop"
  std::string name;
  std::optional<std::string> confirmation;
};
struct MemoryVerify : MemoryPlace {
  std::optional<std::uint32_t> backup;  ///< of it; else the space itself
};
struct MemoryBackup : MemoryPlace {
  bool list = false;
  std::uint32_t keep = 5;
};
struct MemoryRestore : MemoryPlace {
  std::optional<std::uint32_t> backup;  ///< the newest, if none is given
  std::optional<std::string> confirmation;
};
struct MemoryRecover : MemoryPlace {
  std::string mode;
  bool has_space = false;  ///< or all spaces
  bool dry_run = false;
  bool backup_first = false;
  std::optional<std::string> confirmation;
};
struct MemoryRebuildIndex : MemoryPlace {};

using MemoryCommand = std::variant<MemoryStats, MemoryList, MemoryShow, MemoryAdd, MemoryDelete, MemorySearch,
                                   MemoryConsolidate, MemorySpaces, MemoryVerify, MemoryBackup, MemoryRestore,
                                   MemoryRecover, MemoryRebuildIndex>;

}  // namespace sharpwave::cli

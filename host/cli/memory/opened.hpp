// A memory store as commands open it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/cli/memory/arguments.hpp"
#include "host/cli/memory/items.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::cli {

/// @throws Error(io) where there is no store in the directory: commands do not make one by a slip of the pen.
void expect_store(const std::filesystem::path& directory);

/// A space with the store that it is of. What was found when it was opened is said by the log.
class OpenedMemory {
 public:
  enum class Wish {
    write,  ///< or nothing
    count,  ///< reads, and counts what it looks at where nobody else has the store
    read
  };
  /// @throws Error, as Store and Store::space().
  OpenedMemory(const MemoryPlace& place, Wish wish);

  [[nodiscard]] memory::Store& store() { return *store_; }
  [[nodiscard]] memory::Space& space() { return *space_; }
  /// Of a space that is served with damage, or without changes that were promised, it is damaged_data: what
  /// is printed is not all that was written.
  [[nodiscard]] ExitCode code() const;
  void count_accesses(const std::vector<memory::ItemId>& ids);

 private:
  std::unique_ptr<memory::Store> store_;
  std::shared_ptr<memory::Space> space_;
  bool is_damaged_ = false;
};

/// Says by the log what was found when a space was opened.
void log_findings(const std::string& space, const memory::RecoveryReport& report);

/// With what completes it, where it is not and can be.
[[nodiscard]] std::string index_text(const memory::IndexReport& index, bool can_be_changed);

/// @throws Error(usage), which asks for `words`, where `given` are others.
void expect_confirmation(const std::optional<std::string>& given, const std::string& words,
                         const std::string& consequence);

/// Indented, and a line feed behind it.
void print(const Json& json);

}  // namespace sharpwave::cli

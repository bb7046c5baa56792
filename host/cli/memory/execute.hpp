// What each command of `sharpwave memory` does.
#pragma once

#include "host/base/error.hpp"
#include "host/cli/memory/arguments.hpp"

namespace sharpwave::cli {

[[nodiscard]] ExitCode execute(const MemoryStats& arguments);
[[nodiscard]] ExitCode execute(const MemoryList& arguments);
[[nodiscard]] ExitCode execute(const MemoryShow& arguments);
[[nodiscard]] ExitCode execute(const MemoryAdd& arguments);
[[nodiscard]] ExitCode execute(const MemoryDelete& arguments);
[[nodiscard]] ExitCode execute(const MemorySearch& arguments);
[[nodiscard]] ExitCode execute(const MemoryConsolidate& arguments);
[[nodiscard]] ExitCode execute(const MemorySpaces& arguments);
[[nodiscard]] ExitCode execute(const MemoryVerify& arguments);
[[nodiscard]] ExitCode execute(const MemoryBackup& arguments);
[[nodiscard]] ExitCode execute(const MemoryRestore& arguments);
[[nodiscard]] ExitCode execute(const MemoryRecover& arguments);
[[nodiscard]] ExitCode execute(const MemoryRebuildIndex& arguments);

/// `spaces reset NAME`: the emergency mode of that name.
[[nodiscard]] ExitCode reset_space(const MemorySpaces& arguments);

}  // namespace sharpwave::cli

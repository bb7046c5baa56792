#include "memory_store/message_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <string>

namespace sharpwave::memory {

void MessageLog::Logv(const char* format, std::va_list arguments) {
  constexpr std::size_t kMostOfOne = 2048;
  std::array<char, kMostOfOne> text{};
  // NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): it is RocksDB's
  std::vsnprintf(text.data(), text.size(), format, arguments);
  const std::string line =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ} {}\n", fmt::gmtime(std::time(nullptr)), text.data());
  const std::lock_guard lock(mutex_);
  if (open_ && std::ftell(open_.get()) > kMostBytes) open_.reset(std::fopen(file_.c_str(), "we"));
  if (!open_) open_.reset(std::fopen(file_.c_str(), "ae"));
  if (!open_) return;
  std::fputs(line.c_str(), open_.get());
  std::fflush(open_.get());
}

}  // namespace sharpwave::memory

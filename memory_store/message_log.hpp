// What RocksDB has to say, in the file LOG of its database.
#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>

namespace sharpwave::memory {

/// Warnings and errors of a database that is open, beside those of before. RocksDB's own logger ends the
/// process where a write fails behind one that has failed (an assertion of 7.8, as Debian builds it), so on a
/// full disk; here what cannot be written is left out. Made empty again where it has reached its size.
class MessageLog final : public rocksdb::Logger {
 public:
  static constexpr long kMostBytes = 1 << 20;

  /// The file is made when there is something to say.
  explicit MessageLog(const std::filesystem::path& database)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), file_(database / "LOG") {}

  using Logger::Logv;
  void Logv(const char* format, std::va_list arguments) override;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  const std::filesystem::path file_;
  std::mutex mutex_;
  std::unique_ptr<std::FILE, Close> open_;
};

/// Of who only reads, beside an owner whose files it does not touch.
class NoMessageLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char* /*format*/, std::va_list /*arguments*/) override {}
};

}  // namespace sharpwave::memory

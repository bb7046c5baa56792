// What the parts of a bundle are put into. Of debug_bundle.cpp and its collectors alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/operate/archive.hpp"
#include "host/operate/debug_bundle.hpp"

namespace sharpwave::operate {

/// The folder that everything in a bundle is in.
inline constexpr const char* kBundleFolder = "sharpwave-debug";
/// Of the end of a log.
inline constexpr std::uint64_t kMostOfALog = std::uint64_t{10} << 20;

/// An archive under way. Every text goes through it, and so through the masking of secrets.
class BundleParts {
 public:
  BundleParts(Archive& archive, std::vector<std::string> known_secrets);

  /// @param name  below the bundle's folder.
  void add(const std::string& name, std::string_view text, const std::string& source,
           const std::string& note = {});
  void miss(const std::string& name, const std::string& why);
  /// The end of a file, whole lines; a link is not followed, and what is no file not read.
  void add_end_of_file(const std::string& name, const std::filesystem::path& file, std::uint64_t most_bytes);
  /// A file of /proc or /sys.
  void add_proc_file(const std::string& name, const std::filesystem::path& file);
  /// What a program prints.
  void add_program(const std::string& name, const std::vector<std::string>& words);
  /// Masks these as well from now on.
  void also_mask(std::string secret);
  /// Then the rest is left out.
  [[nodiscard]] bool is_time_up() const;
  [[nodiscard]] BundleReport& report() { return report_; }

 private:
  using Clock = std::chrono::steady_clock;

  Archive& archive_;
  std::vector<std::string> known_secrets_;
  Clock::time_point until_;
  std::int64_t now_s_;
  BundleReport report_;
};

/// Logs of the service and of its last runs, service.json, and what says how these runs were meant.
void collect_data_directory(BundleParts& parts, const std::filesystem::path& data_directory);
/// What the service answers, in 5 s.
void collect_service(BundleParts& parts, const Surroundings& surroundings, const ServiceFileOutcome& file);
/// The system, the process of the service (0: none is known), and the GPU.
void collect_system(BundleParts& parts, const std::filesystem::path& data_directory, std::int64_t pid);
/// Variables SHARPWAVE_... of this process and of the service's; their secrets are masked everywhere from
/// then on.
void collect_environment(BundleParts& parts, std::int64_t pid);

}  // namespace sharpwave::operate

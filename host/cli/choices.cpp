#include "host/cli/choices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "host/base/error.hpp"
#include "host/cli/log.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/resources.hpp"

namespace sharpwave::cli {
namespace {

/// Neurons that one more thread pays for: below it the threads wait for each other longer than they work.
constexpr std::uint64_t kNeuronsPerThread = 1000;

/// As many threads as this process may use, fewer for a small network.
int threads_for(const ModelSpec& spec) {
  if (spec.batch) return allowed_processors();  // an instance each
  const std::uint64_t useful = std::max<std::uint64_t>(1, PopulationIds(spec).n_ids() / kNeuronsPerThread);
  return static_cast<int>(std::min<std::uint64_t>(useful, static_cast<std::uint64_t>(allowed_processors())));
}

}  // namespace

int resolve_threads(const std::optional<int>& given, const ModelSpec& spec) {
  if (given) return *given;
  if (const char* variable = std::getenv("SHARPWAVE_THREADS"); variable != nullptr && *variable != '\0') {
    const std::string_view text(variable);
    int threads = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (error != std::errc() || end != text.data() + text.size() || threads < 1 || threads > kMostThreads) {
      throw Error(ExitCode::usage, fmt::format("SHARPWAVE_THREADS: read '{}', expected a number from 1 to {}",
                                               text, kMostThreads));
    }
    return threads;
  }
  return spec.device.threads > 0 ? spec.device.threads : threads_for(spec);
}

DeviceChoice device_for(const ModelSpec& spec) {
  DeviceChoice device = choose_device(spec);
  if (!device.why_cpu.empty()) log_of(Module::run).info("no GPU ({}): running on the CPU", device.why_cpu);
  return device;
}

}  // namespace sharpwave::cli

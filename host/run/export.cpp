#include "host/run/export.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/config/config_writer.hpp"
#include "host/engine/engine.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/sonata_writer.hpp"
#include "host/network/drawn_network.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/resources.hpp"
#include "host/run/version.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

// Per synapse of the projection in hand: the list (24), and three columns of the file (12).
constexpr double kBytesInMemory = 36;
// Per synapse: five columns of 32 bits, weight and delay.
constexpr double kBytesInFile = 36;

/// Also under the name that a file has until it is whole.
bool made_by_an_export(std::string_view name) {
  constexpr std::string_view kUnfinished = ".partial";
  if (name.ends_with(kUnfinished)) name.remove_suffix(kUnfinished.size());
  return name == kExportedConfig || is_sonata_export_file(std::string(name));
}

std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

/// network.yaml goes first, so that what is left of an export cannot pass as one.
void remove_export(const fs::path& directory) {
  std::vector<fs::path> files = files_in(directory);
  std::stable_partition(files.begin(), files.end(),
                        [](const fs::path& file) { return file.filename() == kExportedConfig; });
  for (const fs::path& file : files) {
    std::error_code error;
    if (!made_by_an_export(file.filename().native()) || fs::is_directory(file, error)) continue;
    if (!fs::remove(file, error))
      throw Error(ExitCode::io, "cannot remove " + file.string() + ": " + error.message());
  }
}

void prepare(const ExportOptions& options) {
  prepare_output_directory(options.directory, true);  // a run in it is no export, but a file as others
  const std::vector<fs::path> files = files_in(options.directory);
  if (!files.empty() && !options.force)
    throw Error(ExitCode::io, options.directory.string() + " is not empty: it has " +
                                  files.front().filename().string() +
                                  "; choose another directory, or replace the export in it with --force");
}

void refuse(const char* what, double needed_bytes, double available_bytes) {
  if (needed_bytes <= available_bytes) return;
  constexpr double kMiB = 1024.0 * 1024.0;
  throw Error(ExitCode::no_room, "the export needs about " + std::to_string(needed_bytes / kMiB) +
                                     " MiB of " + what + ", but only " +
                                     std::to_string(available_bytes / kMiB) +
                                     " MiB are available; nothing was written");
}

void refuse_what_does_not_fit(const ModelSpec& spec, const fs::path& directory) {
  const NetworkPlan plan = plan_network(spec, 1);
  double largest = 0;
  for (const auto& projection : plan.projections) largest = std::max(largest, projection.n_synapses);
  refuse("memory", kBytesInMemory * largest + static_cast<double>(plan.transient_bytes),
         static_cast<double>(available_memory_bytes()));
  std::error_code error;
  const fs::space_info space = fs::space(directory, error);
  if (!error) refuse("disk", kBytesInFile * plan.n_synapses, static_cast<double>(space.available));
}

std::string comment(const ModelSpec& spec, const ExportOptions& options, std::uint64_t n_synapses) {
  std::uint64_t n_neurons = 0;
  for (const PopulationSpec& population : spec.populations)
    n_neurons += population.is_virtual() ? 0 : population.size;
  return "# A network of " + std::to_string(n_neurons) + " neurons and " + std::to_string(n_synapses) +
         " synapses, drawn from its rules. Sharpwave " + version() + " made it by\n#\n#   " +
         options.command +
         "\n#\n# Running it gives the same spikes, and the same digest, as running that config. The files " +
         "beside it are SONATA\n# and hold what was drawn; here stands what SONATA cannot say. Names key "
         "the " +
         "random numbers of the inputs.\n# Weights are as simulated: rounded to their grids.\n";
}

}  // namespace

std::uint64_t export_sonata(const ModelSpec& spec, const ExportOptions& options) {
  prepare(options);
  refuse_what_does_not_fit(spec, options.directory);
  ThreadPool pool(1);
  DrawnNetwork network(spec, pool);
  ModelSpec as_simulated = spec;
  as_simulated.inputs = network.inputs();
  // Refuses names, before files are named after them.
  static_cast<void>(sonata_config_text(as_simulated, kSonataSimulationConfig, ""));
  if (options.force) remove_export(options.directory);
  try {
    const std::uint64_t n_synapses = write_sonata(network, options.directory);
    write_file_atomically(
        options.directory / kExportedConfig,
        sonata_config_text(as_simulated, kSonataSimulationConfig, comment(spec, options, n_synapses)));
    return n_synapses;
  } catch (...) {
    remove_export(options.directory);
    throw;
  }
}

}  // namespace sharpwave

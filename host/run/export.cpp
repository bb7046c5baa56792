#include "host/run/export.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/config/config_writer.hpp"
#include "host/engine/engine.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/folder.hpp"
#include "host/io/sonata_writer.hpp"
#include "host/network/drawn_network.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/resources.hpp"
#include "host/run/version.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

// Per synapse of the projection in hand: the list (24), and three columns of the file (12).
constexpr double kBytesInMemory = 36;
// Per synapse: five columns of 32 bits, weight and delay.
constexpr double kBytesInFile = 36;

/// How network.yaml begins: by this an export is known.
constexpr std::string_view kFirstWords = "# A network of ";

bool made_by_an_export(std::string_view name) {
  return name == kExportedConfig || is_sonata_export_file(name);
}

/// Where an export grows; its files move up when it is whole.
fs::path staging_of(const fs::path& directory) {
  return directory / ".export_partial";
}

bool is_export(const fs::path& directory) {
  std::error_code error;
  const fs::path config = directory / kExportedConfig;
  if (!fs::is_regular_file(config, error)) return false;
  std::string line;
  std::ifstream in(config);
  return std::getline(in, line) && line.starts_with(kFirstWords);
}

/// network.yaml goes first, so that what is left of an export cannot pass as one.
void remove_export(const fs::path& directory) {
  const auto is_ours = [](const fs::directory_entry& entry) {
    std::error_code error;
    return made_by_an_export(entry.path().filename().native()) && !entry.is_directory(error);
  };
  remove_files(entries_of(directory, is_ours), kExportedConfig);
}

/// network.yaml comes last: where it is, all is.
void publish(const fs::path& staging, const fs::path& directory) {
  std::vector<fs::path> files = entries_of(staging, [](const auto&) { return true; });
  std::stable_partition(files.begin(), files.end(),
                        [](const fs::path& file) { return file.filename() != kExportedConfig; });
  for (const fs::path& file : files) {
    std::error_code error;
    fs::rename(file, directory / file.filename(), error);
    if (error) throw Error(ExitCode::io, "cannot move " + file.string() + ": " + error.message());
  }
}

/// Nothing is replaced but an export, and that only with --force.
void require_room_for_an_export(const ExportOptions& options) {
  const fs::path left_behind = staging_of(options.directory);  // by an export that was killed
  const std::vector<fs::path> files =
      entries_of(options.directory, [&](const auto& entry) { return entry.path() != left_behind; });
  if (files.empty()) return;
  const std::string found =
      options.directory.string() + " is not empty: it has " + files.front().filename().string();
  if (!options.force)
    throw Error(ExitCode::io, found + "; choose another directory, or replace the export in it with --force");
  const auto is_ours = [](const fs::path& file) { return made_by_an_export(file.filename().native()); };
  const auto replaced = std::find_if(files.begin(), files.end(), is_ours);
  if (replaced != files.end() && !is_export(options.directory))
    throw Error(ExitCode::io, options.directory.string() + " has " + replaced->filename().string() +
                                  ", but no " + std::string(kExportedConfig) +
                                  " of an earlier export, which alone --force replaces");
}

void refuse(const char* what, double needed_bytes, double available_bytes) {
  if (needed_bytes <= available_bytes) return;
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  std::ostringstream text;
  text.precision(3);
  text << "the export needs about " << needed_bytes / kGiB << " GiB of " << what << ", but only "
       << available_bytes / kGiB << " GiB are available; nothing was written";
  throw Error(ExitCode::no_room, text.str());
}

/// The folder itself, or the nearest one above that exists.
fs::path existing_parent(const fs::path& directory) {
  fs::path path = fs::absolute(directory);
  std::error_code error;
  while (!fs::exists(path, error) && path.has_relative_path()) path = path.parent_path();
  return path;
}

/// Longer rates would make a config that cannot be read back.
void refuse_long_rates(const ModelSpec& spec) {
  constexpr std::size_t kMostPieces = 100'000;
  const auto check = [](const std::string& owner, const PiecewiseRate& rate) {
    if (rate.times_ms.size() > kMostPieces)
      throw Error(ExitCode::invalid_config, owner + ": a rate of " + std::to_string(rate.times_ms.size()) +
                                                " pieces; at most " + std::to_string(kMostPieces) +
                                                " can be exported");
  };
  for (const InputSpec& input : spec.inputs)
    if (input.spikes() != nullptr) check("input '" + input.name + "'", input.spikes()->rate);
  for (const PopulationSpec& population : spec.populations)
    if (const auto* poisson = std::get_if<PoissonSourceSpec>(&population.kind))
      check("population '" + population.name + "'", poisson->rate);
}

void refuse_what_does_not_fit(const ModelSpec& spec, const fs::path& directory) {
  const NetworkPlan plan = plan_network(spec, 1);
  double largest = 0;
  for (const auto& projection : plan.projections) largest = std::max(largest, projection.n_synapses);
  refuse("memory", kBytesInMemory * largest + static_cast<double>(plan.transient_bytes),
         static_cast<double>(available_memory_bytes()));
  std::error_code error;
  const fs::space_info space = fs::space(existing_parent(directory), error);
  if (!error) refuse("disk", kBytesInFile * plan.n_synapses, static_cast<double>(space.available));
}

std::string comment(const ModelSpec& spec, const ExportOptions& options, std::uint64_t n_synapses) {
  const std::string what =
      options.learned.empty()
          ? "# Running it gives the same spikes, and the same digest, as running that config. The files "
            "beside it "
            "are SONATA\n# and hold what was drawn; here stands what SONATA cannot say. Names key the random "
            "numbers of the inputs.\n# Weights are as simulated: rounded to their grids.\n"
          : "# What learned there is static here, with the weights that it had come to: in full, where all "
            "others "
            "are rounded to\n# their grids. Neurons begin as those of the config do. The files beside it are "
            "SONATA; here stands what SONATA cannot\n# say. Names key the random numbers of the inputs.\n";
  return std::string(kFirstWords) + std::to_string(PopulationIds(spec).n_ids()) + " neurons and " +
         std::to_string(n_synapses) + " synapses, drawn from its rules. Sharpwave " + version() +
         " made it by\n#\n#   " + options.command + "\n#\n" + what;
}

}  // namespace

std::uint64_t export_sonata(const ModelSpec& spec, const ExportOptions& options) {
  require_room_for_an_export(options);
  refuse_long_rates(spec);
  refuse_what_does_not_fit(spec, options.directory);
  ThreadPool pool(1);
  DrawnNetwork network(spec, pool, options.learned);
  ModelSpec as_simulated = spec;
  as_simulated.inputs = network.inputs();
  // Refuses names, before files are named after them.
  static_cast<void>(sonata_config_text(as_simulated, kSonataSimulationConfig, ""));
  const fs::path staging = staging_of(options.directory);
  std::error_code ignored;
  fs::remove_all(staging, ignored);
  make_output_directory(staging);
  try {
    const std::uint64_t n_synapses = write_sonata(network, staging);
    write_file_atomically(staging / kExportedConfig, sonata_config_text(as_simulated, kSonataSimulationConfig,
                                                                        comment(spec, options, n_synapses)));
    if (options.force) remove_export(options.directory);
    publish(staging, options.directory);
    fs::remove_all(staging, ignored);
    return n_synapses;
  } catch (...) {
    fs::remove_all(staging, ignored);
    throw;
  }
}

}  // namespace sharpwave

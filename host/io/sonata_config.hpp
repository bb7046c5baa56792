// The JSON files of a SONATA network: simulation config, circuit config, node sets. Paths in the results
// are resolved; nothing else has been opened yet.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/io/problems.hpp"

namespace sharpwave::sonata {

using Json = nlohmann::json;

/// A JSON value and where it stands, for messages: "simulation_config.json: run.dt".
class JsonPlace {
 public:
  JsonPlace(const Json& value, std::string place) : value_(&value), place_(std::move(place)) {}
  [[nodiscard]] const Json& value() const { return *value_; }
  [[nodiscard]] const std::string& place() const { return place_; }

  /// The member of an object, or none; a member that is null counts as none.
  [[nodiscard]] std::optional<JsonPlace> find(const std::string& key) const;
  /// As find(), and a problem where it is missing.
  [[nodiscard]] std::optional<JsonPlace> require(const std::string& key, Problems& problems) const;
  /// Members of an object in the order of their keys; a problem where it is none.
  [[nodiscard]] std::vector<std::pair<std::string, JsonPlace>> members(Problems& problems) const;
  /// Elements of an array; a problem where it is none.
  [[nodiscard]] std::vector<JsonPlace> elements(Problems& problems) const;
  [[nodiscard]] std::optional<double> number(Problems& problems) const;
  [[nodiscard]] std::optional<bool> boolean(Problems& problems) const;
  [[nodiscard]] std::optional<std::string> text(Problems& problems) const;

 private:
  void wrong_type(const std::string& expected, Problems& problems) const;
  const Json* value_;
  std::string place_;
};

/// Reads and parses. @throws Error(io), or Error(invalid_config) with line and column of the mistake.
[[nodiscard]] Json read_json(const std::filesystem::path& file);

/// A data file with the CSV file of its types.
struct TypedFile {
  std::string place;
  std::filesystem::path data;
  std::filesystem::path types;
};

struct CircuitConfig {
  std::filesystem::path file;
  std::optional<std::filesystem::path> neuron_models;    ///< components.point_neuron_models_dir
  std::optional<std::filesystem::path> synaptic_models;  ///< components.synaptic_models_dir
  std::vector<TypedFile> nodes;
  std::vector<TypedFile> edges;
};

struct SpikeInput {
  std::string place;
  std::filesystem::path file;
  std::string module;
  Json node_set;
};

struct ReportRequest {
  std::string name;
  std::string place;
  Json cells;
  std::string variable;
  std::optional<double> dt_ms;
  std::optional<double> start_ms;
  std::optional<double> end_ms;
};

struct SimulationConfig {
  std::filesystem::path file;
  CircuitConfig circuit;
  std::optional<double> dt_ms;
  std::optional<double> tstop_ms;
  std::optional<std::filesystem::path> node_sets_file;
  std::vector<SpikeInput> inputs;
  std::vector<ReportRequest> reports;
};

/// @throws Error(io), Error(invalid_config) with all problems of these files.
[[nodiscard]] SimulationConfig read_simulation_config(const std::filesystem::path& file);

}  // namespace sharpwave::sonata

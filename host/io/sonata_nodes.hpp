// Node populations of a SONATA network: point neurons, parrots and virtual nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/io/sonata_config.hpp"
#include "host/io/sonata_types.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::sonata {

struct NodePopulation {
  std::string name;
  std::string file;
  std::uint32_t size = 0;
  bool is_virtual = false;
  std::vector<std::uint64_t> type_ids;  ///< [size] by node id
  std::shared_ptr<const TypeTable> types;
  std::map<std::uint64_t, const TypeTable::Row*> type_rows;  ///< into `types`
  bool is_parrot = false;
  std::optional<NeuronSpec> neurons;  ///< where it is neither virtual nor of parrots
};

/// Reads all node files of a circuit; populations are in the order of the files, then of their names.
/// @throws Error(io), Error(damaged_data); what is not supported goes to `problems`.
[[nodiscard]] std::vector<NodePopulation> read_nodes(const CircuitConfig& circuit, Problems& problems);

/// Some nodes of one population, ascending.
struct NodeSelection {
  std::size_t population;  ///< index into the populations
  std::vector<std::uint32_t> nodes;
};

/// Finds what a config means by a node set: a name of the node sets file or of a population, or a set
/// written in its place.
class NodeSets {
 public:
  /// Reads the file if there is one. A missing file is tolerated: missing() then says which.
  NodeSets(const std::optional<std::filesystem::path>& file, const std::vector<NodePopulation>& populations);

  [[nodiscard]] const std::optional<std::string>& missing() const { return missing_; }
  /// True where a name is not known and might stand in the missing file.
  [[nodiscard]] bool may_be_missing(const Json& set) const;
  /// @param place  of the reference, for messages.
  /// @return selections in the order of the populations, empty ones left out; none after a problem.
  [[nodiscard]] std::optional<std::vector<NodeSelection>> resolve(const Json& set, const std::string& place,
                                                                  Problems& problems) const;

 private:
  struct Marks {
    std::vector<std::vector<bool>> flags;  ///< [population][node]
    /// Named sets that are in `flags`. Each is marked once, however often others name it: sets of ten names
    /// each, sixteen deep, would otherwise stand for 10^16.
    std::set<std::string> done;
  };
  bool mark(const Json& set, const std::string& place, Problems& problems, Marks& marks, int depth) const;
  bool mark_basic(const Json& set, const std::string& place, Problems& problems, Marks& marks) const;

  const std::vector<NodePopulation>& populations_;
  Json sets_ = Json::object();
  std::string file_;
  std::optional<std::string> missing_;
};

}  // namespace sharpwave::sonata

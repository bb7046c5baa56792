// The SONATA reader, on a tiny network of which the input changes files. By its first byte:
//   '='  text: sections `=== NAME`, each the new content of that file (JSON, CSV, or HDF5 as it is)
//   'B'  bytes of HDF5 files: (file, offset, offset, what to xor) again and again
//   else edits of HDF5 files that leave them valid (hdf5_edits.hpp), each (file, object, ...)
#include <algorithm>
#include <map>

#include "host/engine/engine.hpp"
#include "host/io/sonata.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/hdf5_edits.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/io/tiny_network.hpp"

namespace sharpwave::fuzz {
namespace {

const std::vector<std::string> kHdf5 = {"network/cells.h5", "network/recurrent.h5", "network/feedforward.h5",
                                        "inputs/spikes.h5", "network/input.h5"};

std::vector<std::string> below(const std::string& group, const std::string& population,
                               const std::vector<std::string>& names) {
  std::vector<std::string> paths = {group, group + "/" + population};
  for (const std::string& name : names) paths.push_back(group + "/" + population + "/" + name);
  return paths;
}

const std::vector<std::string> kOfNodes = {"node_type_id",
                                           "node_id",
                                           "node_group_id",
                                           "node_group_index",
                                           "0",
                                           "0/dynamics_params",
                                           "0/dynamics_params/I_e",
                                           "0/dynamics_params/t_ref",
                                           "0/dynamics_params/C_m",
                                           "1/dynamics_params",
                                           "1/dynamics_params/V_th"};
const std::vector<std::string> kOfEdges = {"source_node_id",   "target_node_id",
                                           "edge_type_id",     "edge_group_id",
                                           "edge_group_index", "0",
                                           "0/syn_weight",     "0/delay",
                                           "0/nsyns",          "0/dynamics_params/delay",
                                           "1/syn_weight",     "1/dynamics_params"};

const std::vector<std::string> kAttributes = {"node_population", "units"};

/// Objects that edits are about, by file.
const std::vector<std::vector<std::string>> kObjects = {
    below("/nodes", "cells", kOfNodes),
    below("/edges", "cells_to_cells", kOfEdges),
    below("/edges", "input_to_cells", kOfEdges),
    {"/spikes", "/spikes/input", "/spikes/input/node_ids", "/spikes/input/timestamps", "/spikes/input/gids",
     "/spikes/timestamps", "/spikes/gids", "/spikes/node_ids", "/spikes/other"},
    below("/nodes", "input", kOfNodes)};

/// The network's files, as they are and as the input has them.
class Files {
 public:
  Files() {
    test::write_tiny_network(folder_.path());
    test::write_text(folder_ / "inputs/spikes.csv",
                     "timestamps population node_ids\n1.5 input 0\n2 other 9\n");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
      if (entry.is_regular_file())
        whole_[entry.path().lexically_relative(folder_.path()).string()] = test::read_text(entry.path());
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] bool has(const std::string& name) const { return whole_.contains(name); }
  [[nodiscard]] const std::string& whole(const std::string& name) const { return whole_.at(name); }

  /// The path of a file that is about to change.
  std::filesystem::path changing(const std::string& name) {
    changed_.push_back(name);
    return path(name);
  }
  void restore() {
    for (const std::string& name : changed_) test::write_text(path(name), whole_.at(name));
    changed_.clear();
  }

 private:
  test::TemporaryFolder folder_;
  std::map<std::string, std::string> whole_;
  std::vector<std::string> changed_;
};

void change_text(Files& network, std::string_view text) {
  constexpr std::string_view kHeader = "=== ";
  while (text.starts_with(kHeader)) {
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string name(text.substr(kHeader.size(), line - std::min(line, kHeader.size())));
    const std::string_view rest = text.substr(std::min(line + 1, text.size()));
    const std::size_t next = std::min(rest.find("\n=== "), rest.size());
    if (network.has(name)) test::write_text(network.changing(name), std::string(rest.substr(0, next)));
    text = rest.substr(std::min(next + 1, rest.size()));
  }
}

void change_bytes(Files& network, Choices choices) {
  std::map<std::string, std::string> changed;
  while (!choices.empty()) {
    const std::string& name = choices.among(kHdf5);
    std::string& bytes = changed.try_emplace(name, network.whole(name)).first->second;
    const std::size_t offset = choices.next() + 256U * choices.next();
    char& byte = bytes[offset % bytes.size()];
    byte = static_cast<char>(byte ^ choices.next());
  }
  for (const auto& [name, bytes] : changed) test::write_text(network.changing(name), bytes);
}

void change_contents(Files& network, Choices choices) {
  constexpr int kMostEdits = 16;
  for (int i = 0; i < kMostEdits && !choices.empty(); ++i) {
    const std::size_t file = choices.next() % kHdf5.size();
    edit_hdf5(network.changing(kHdf5[file]), {kObjects[file], kAttributes}, choices);
  }
}

void check(const Values& values, std::size_t n) {
  const auto* list = std::get_if<std::vector<double>>(&values);
  require(list == nullptr || list->size() == n, "a list of another length");
}

/// What everything behind the reader takes for granted.
void check(const ModelSpec& spec) {
  require(!spec.populations.empty() && spec.simulation.steps > 0, "accepted without a population or a step");
  const auto size_of = [&](const Slice& slice) {
    require(slice.population < spec.populations.size() && slice.stride > 0 &&
                slice.stop <= spec.populations[slice.population].size,
            "a slice that is not there");
    return slice.size();
  };
  for (const PopulationSpec& population : spec.populations) {
    require(population.size > 0, "an empty population");
    if (population.neurons() == nullptr) continue;
    for (const Values& values : population.neurons()->parameters) check(values, population.size);
    for (const Values& values : population.neurons()->initial) check(values, population.size);
  }
  for (const ProjectionSpec& projection : spec.projections) {
    const std::size_t n = projection.edge_sources.size();
    require(projection.edge_targets.size() == n, "edges without a target");
    check(projection.weight, n);
    check(projection.delay_ms, n);
    for (std::size_t i = 0; i < n; ++i)
      require(projection.edge_sources[i] < size_of(projection.source) &&
                  projection.edge_targets[i] < size_of(projection.target),
              "an edge out of range");
  }
  for (const ReportSpec& report : spec.reports) require(size_of(report.slice) > 0, "a report of nothing");
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  static Files network;
  if (size == 0) return 0;
  const Choices choices({data + 1, size - 1});
  if (data[0] == '=') {
    change_text(network, text_of(data, size));
  } else if (data[0] == 'B') {
    change_bytes(network, choices);
  } else {
    change_contents(network, choices);
  }
  const std::string simulation = network.path("simulation.json").string();
  const auto read = [&] { return read_sonata(simulation, {.warn = [](const std::string&) {}}); };
  const Outcome<ModelSpec> outcome = outcome_of(read);
  if (outcome.value) {
    check(*outcome.value);
    outcome_of([&] { return plan_network(*outcome.value, 2); });
  } else {
    const bool text = data[0] == '=';  // which may name any other file
    require(text || outcome.message.find(network.path("").string()) != std::string::npos,
            "a message without a file", outcome.message);
  }
  network.restore();
  return 0;
}

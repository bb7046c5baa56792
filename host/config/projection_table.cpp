// The `projection_table` section: populations x populations matrices, as publications print them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "host/config/connection_count.hpp"
#include "host/config/draft.hpp"

namespace sharpwave::config {
namespace {

constexpr std::uint64_t kMostProjections = 10'000;

/// Values of a matrix [target][source], filled from a number, a row, or a matrix.
class Matrix {
 public:
  Matrix(std::size_t n_targets, std::size_t n_sources)
      : n_sources_(n_sources), cells_(n_targets * n_sources) {}
  struct Cell {
    double value = 0;
    const Node* node = nullptr;  ///< where it stands; null after a fault
  };
  Cell& operator()(std::size_t target, std::size_t source) { return cells_[target * n_sources_ + source]; }
  const Cell& operator()(std::size_t target, std::size_t source) const {
    return cells_[target * n_sources_ + source];
  }

 private:
  std::size_t n_sources_;
  std::vector<Cell> cells_;
};

struct Shape {
  std::size_t n_targets;
  std::size_t n_sources;
};

void read_row(Context& context, const Node& row, const std::string& path, const KeyInfo& key, Shape shape,
              std::size_t first_target, std::size_t n_targets, Matrix& matrix) {
  if (row.children.size() != shape.n_sources) {
    context.fault(row, path, "one value for each of the " + std::to_string(shape.n_sources) + " sources");
    return;
  }
  for (std::size_t s = 0; s < shape.n_sources; ++s) {
    const Node& node = row.children[s];
    const auto value = context.number(node, path + "[" + std::to_string(s) + "]", key);
    for (std::size_t t = first_target; t < first_target + n_targets; ++t) {
      matrix(t, s) = {value.value_or(0), value ? &node : nullptr};
    }
  }
}

Matrix read_matrix(Context& context, const Node& node, const std::string& path, KeyInfo key, Shape shape) {
  Matrix matrix(shape.n_targets, shape.n_sources);
  key.type = KeyType::number;
  const bool of_rows = node.is_sequence() && !node.children.empty() && node.children[0].is_sequence();
  if (!node.is_sequence()) {
    const auto value = context.number(node, path, key);
    for (std::size_t i = 0; value && i < shape.n_targets * shape.n_sources; ++i)
      matrix(0, i) = {*value, &node};
  } else if (!of_rows) {
    read_row(context, node, path, key, shape, 0, shape.n_targets, matrix);
  } else if (node.children.size() != shape.n_targets) {
    context.fault(node, path, "one row for each of the " + std::to_string(shape.n_targets) + " targets");
  } else {
    for (std::size_t t = 0; t < shape.n_targets; ++t) {
      const std::string row_path = path + "[" + std::to_string(t) + "]";
      if (!node.children[t].is_sequence()) {
        context.fault(node.children[t], row_path, "a row of numbers");
      } else {
        read_row(context, node.children[t], row_path, key, shape, t, 1, matrix);
      }
    }
  }
  return matrix;
}

using Distributions = std::vector<Distribution>;  // [target][source]

/// `{mean, rel_sd, ...}` where each cell has its own mean.
Distributions read_relative(Context& context, const Node& node, const std::string& path, const KeyInfo& key,
                            Shape shape, bool is_delay) {
  Distributions cells(shape.n_targets * shape.n_sources, Distribution::constant(1));
  MapReader map(context, node, Section::table_cells, path);
  const Node* mean = map.require("mean");
  const double rel_sd = map.number("rel_sd");
  if (mean == nullptr) return cells;
  const Matrix means = read_matrix(context, *mean, map.path_of("mean"), key, shape);
  for (std::size_t t = 0; t < shape.n_targets; ++t) {
    for (std::size_t s = 0; s < shape.n_sources; ++s) {
      const Matrix::Cell& cell = means(t, s);
      if (cell.node == nullptr) continue;
      Distribution distribution = Distribution::constant(cell.value);
      const double sd = rel_sd * std::fabs(cell.value);
      if (sd > 0) distribution = {.kind = Distribution::Kind::normal, .a = cell.value, .b = sd};
      read_bounds(map, cell.value, distribution);
      check_bounds(context, *cell.node, map.path_of("mean"), distribution);
      if (is_delay) distribution = as_delay(context, *cell.node, map.path_of("mean"), distribution);
      cells[t * shape.n_sources + s] = distribution;
    }
  }
  return cells;
}

Distributions read_cells(Context& context, const Node& node, const std::string& path, const KeyInfo& key,
                         Shape shape, bool is_delay) {
  if (node.is_map() && node.find("mean") != nullptr) {
    return read_relative(context, node, path, key, shape, is_delay);
  }
  if (node.is_map()) {
    const Values values =
        is_delay ? read_delays(context, node, path, key, 0) : read_values(context, node, path, key, 0);
    return Distributions(shape.n_targets * shape.n_sources, std::get<Distribution>(values));
  }
  const Matrix matrix = read_matrix(context, node, path, key, shape);
  Distributions cells;
  for (std::size_t t = 0; t < shape.n_targets; ++t) {
    for (std::size_t s = 0; s < shape.n_sources; ++s) {
      const Matrix::Cell& cell = matrix(t, s);
      Distribution value = Distribution::constant(cell.value);
      if (is_delay && cell.node != nullptr) value = as_delay(context, *cell.node, path, value);
      cells.push_back(value);
    }
  }
  return cells;
}

struct Table {
  std::vector<NamedSlice> sources;
  std::vector<NamedSlice> targets;
  Distributions weights;
  Distributions delays;
  [[nodiscard]] Shape shape() const { return {targets.size(), sources.size()}; }
};

std::optional<std::size_t> position_of(const std::vector<NamedSlice>& slices, const std::string& text) {
  const auto found =
      std::find_if(slices.begin(), slices.end(), [&](const auto& s) { return s.text == text; });
  if (found == slices.end()) return std::nullopt;
  return static_cast<std::size_t>(found - slices.begin());
}

/// Row or column that an exception names; nothing after a fault.
std::optional<std::size_t> named_position(MapReader& map, std::string_view key,
                                          const std::vector<NamedSlice>& slices) {
  static_cast<void>(map.require(key));
  const auto text = map.optional_text(key);
  if (!text) return std::nullopt;
  const auto position = position_of(slices, *text);
  std::vector<std::string> names;
  for (const NamedSlice& slice : slices) names.push_back(slice.text);
  if (!position) map.fault(key, "one of the table's " + std::string(key) + "s", did_you_mean(*text, names));
  return position;
}

void read_exceptions(Context& context, const Node& node, const std::string& path, Table& table) {
  if (!node.is_sequence()) return context.fault(node, path, "a list of cells");
  if (node.children.size() > table.weights.size()) return context.fault(node, path, "each cell at most once");
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    MapReader map(context, node.children[i], Section::table_exception, path + "[" + std::to_string(i) + "]");
    const auto source = named_position(map, "source", table.sources);
    const auto target = named_position(map, "target", table.targets);
    const Node* weight = map.find("weight");
    const Node* delay = map.find("delay");
    if (weight == nullptr && delay == nullptr) {
      context.fault(map.node(), map.path(), "a weight or a delay in it");
    }
    if (!source || !target) continue;
    const std::size_t cell = *target * table.sources.size() + *source;
    if (weight != nullptr) {
      table.weights[cell] =
          read_cells(context, *weight, map.path_of("weight"), map.info("weight"), {1, 1}, false)[0];
    }
    if (delay != nullptr) {
      table.delays[cell] =
          read_cells(context, *delay, map.path_of("delay"), map.info("delay"), {1, 1}, true)[0];
    }
  }
}

/// The key that holds the numbers of connections; null after a fault, or where the rule needs none.
const char* count_key(MapReader& map, ConnectionRule rule) {
  if (rule == ConnectionRule::fixed_indegree) return "indegree";
  if (rule == ConnectionRule::fixed_outdegree) return "outdegree";
  if (rule == ConnectionRule::pairwise_bernoulli) return "probability";
  if (rule != ConnectionRule::fixed_total_number) return nullptr;
  if (map.has("total") != map.has("probability")) return map.has("total") ? "total" : "probability";
  static_cast<void>(map.find("total"));
  static_cast<void>(map.find("probability"));
  map.context().fault(map.node(), map.path(), "exactly one of total, probability");
  return nullptr;
}

/// Puts a cell's number where the rule wants it.
void set_count(Context& context, const Matrix::Cell& cell, const std::string& path, std::string_view key,
               ProjectionSpec& projection) {
  if (key == "probability" && projection.rule == ConnectionRule::pairwise_bernoulli) {
    projection.probability = cell.value;
    return;
  }
  if (key == "probability") {
    const auto total = connection_count(cell.value, projection.source.size(), projection.target.size());
    if (!total) context.fault(*cell.node, path, "a probability below 1 that gives a number of connections");
    projection.total = total.value_or(0);
    return;
  }
  if (std::fabs(cell.value - std::round(cell.value)) > 1e-9) {
    context.fault(*cell.node, path, "an integer");
  }
  const double rounded = std::round(cell.value);
  if (key == "total") {
    projection.total = static_cast<std::uint64_t>(rounded);
  } else {
    projection.degree.assign(1, static_cast<std::uint32_t>(rounded));
  }
}

bool read_multapses(MapReader& map, ConnectionRule rule) {
  const auto given = map.optional_boolean("multapses");
  const bool pairwise = rule == ConnectionRule::all_to_all || rule == ConnectionRule::pairwise_bernoulli;
  if (pairwise && given == true) map.fault("multapses", "false: this rule connects a pair at most once");
  if (rule == ConnectionRule::fixed_total_number && given == false) {
    map.fault("multapses", "true: pairs are drawn with replacement, as in NEST");
  }
  return pairwise ? false : given.value_or(true);
}

void read_projections_of(Draft& draft, MapReader& map, const Table& table, ConnectionRule rule) {
  Context& context = draft.context;
  const bool autapses = map.optional_boolean("autapses").value_or(true);
  const bool multapses = read_multapses(map, rule);
  const char* key = count_key(map, rule);
  const Node* counts = key == nullptr ? nullptr : map.require(key);
  if (counts == nullptr && rule != ConnectionRule::all_to_all) return;
  Matrix matrix(table.targets.size(), table.sources.size());
  if (counts != nullptr)
    matrix = read_matrix(context, *counts, map.path_of(key), map.info(key), table.shape());
  for (std::size_t t = 0; t < table.targets.size(); ++t) {
    for (std::size_t s = 0; s < table.sources.size(); ++s) {
      const Matrix::Cell& cell = matrix(t, s);
      if (counts != nullptr && (cell.node == nullptr || cell.value == 0)) continue;
      const std::size_t i = t * table.sources.size() + s;
      ProjectionSpec projection;
      projection.source = table.sources[s].slice;
      projection.target = table.targets[t].slice;
      projection.rule = rule;
      projection.autapses = autapses;
      projection.multapses = multapses;
      projection.weight = table.weights[i];
      projection.delay_ms = table.delays[i];
      projection.name =
          unique_name(draft, draft.projection_names, std::nullopt,
                      table.sources[s].text + "->" + table.targets[t].text, map.node(), map.path());
      if (counts != nullptr) set_count(context, cell, map.path_of(key), key, projection);
      const Node& at = cell.node == nullptr ? map.node() : *cell.node;
      check_projection(draft, projection, at, map.path());
      draft.spec.projections.push_back(std::move(projection));
      draft.projection_origins.push_back({at.position, map.path()});
    }
  }
}

}  // namespace

void read_projection_table(Draft& draft, const Node& node) {
  Context& context = draft.context;
  MapReader map(context, node, Section::projection_table, "projection_table");
  Table table;
  const Node* sources = map.require("sources");
  const Node* targets = map.find("targets");
  const auto rule = map.required_choice("rule");
  const Node* weight = map.find("weight");
  const Node* delay = map.find("delay");
  const Node* exceptions = map.find("except");
  if (sources != nullptr) table.sources = read_slices(draft, *sources, map.path_of("sources"), Sizes::full);
  table.targets =
      targets == nullptr ? table.sources : read_slices(draft, *targets, map.path_of("targets"), Sizes::full);
  const Shape shape = table.shape();
  if (!rule || shape.n_sources == 0 || shape.n_targets == 0 ||
      shape.n_sources * shape.n_targets > kMostProjections) {
    if (shape.n_sources * shape.n_targets > kMostProjections) {
      map.fault("sources", "at most " + std::to_string(kMostProjections) + " cells");
    }
    for (const std::string& key : key_names(Section::projection_table)) static_cast<void>(map.find(key));
    return;
  }
  map.set_inapplicable("not for rule " + *rule);
  table.weights.assign(shape.n_sources * shape.n_targets, Distribution::constant(1));
  table.delays.assign(shape.n_sources * shape.n_targets, Distribution::constant(1));
  if (weight != nullptr) {
    table.weights = read_cells(context, *weight, map.path_of("weight"), map.info("weight"), shape, false);
  }
  if (delay != nullptr) {
    table.delays = read_cells(context, *delay, map.path_of("delay"), map.info("delay"), shape, true);
  } else {
    static_cast<void>(as_delay(context, node, map.path_of("delay"), Distribution::constant(1)));
  }
  if (exceptions != nullptr) read_exceptions(context, *exceptions, map.path_of("except"), table);
  read_projections_of(draft, map, table, connection_rule(*rule));
}

}  // namespace sharpwave::config

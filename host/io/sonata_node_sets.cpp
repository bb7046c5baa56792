#include <algorithm>
#include <unordered_set>

#include "host/io/sonata_nodes.hpp"

namespace sharpwave::sonata {
namespace {

constexpr int kDeepestSet = 16;

// Does an attribute of the types file, as text, equal a JSON scalar? Numbers compare as numbers.
bool equals(const std::string& field, const Json& value) {
  if (value.is_string()) return field == value.get<std::string>();
  const std::optional<double> number = parse_number(field);
  return value.is_number() && number && *number == value.get<double>();
}

// Ids are listed by the thousand, so they are looked up, not compared one by one.
class IdRule {
 public:
  explicit IdRule(const Json& set) {
    const auto rule = set.find("node_id");
    if (rule == set.end()) return;
    given_ = true;
    const Json list = rule->is_array() ? *rule : Json::array({*rule});
    for (const Json& id : list) {
      if (id.is_number_unsigned()) ids_.insert(id.get<std::uint64_t>());
    }
  }
  [[nodiscard]] bool admits(std::uint32_t node) const { return !given_ || ids_.contains(node); }

 private:
  bool given_ = false;
  std::unordered_set<std::uint64_t> ids_;
};

bool matches(const std::optional<std::string>& field, const Json& rule) {
  if (!field) return false;
  if (!rule.is_array()) return equals(*field, rule);
  return std::any_of(rule.begin(), rule.end(), [&](const Json& value) { return equals(*field, value); });
}

}  // namespace

NodeSets::NodeSets(const std::optional<std::filesystem::path>& file,
                   const std::vector<NodePopulation>& populations)
    : populations_(populations) {
  if (!file) return;
  file_ = file->string();
  if (std::filesystem::exists(*file)) {
    sets_ = read_json(*file);
  } else {
    missing_ = file_;
  }
}

bool NodeSets::may_be_missing(const Json& set) const {
  return missing_ && set.is_string() &&
         std::none_of(populations_.begin(), populations_.end(),
                      [&](const NodePopulation& p) { return p.name == set.get<std::string>(); });
}

std::optional<std::vector<NodeSelection>> NodeSets::resolve(const Json& set, const std::string& place,
                                                            Problems& problems) const {
  Marks marks;
  for (const NodePopulation& population : populations_) marks.flags.emplace_back(population.size, false);
  if (!mark(set, place, problems, marks, 0)) return std::nullopt;
  const std::vector<std::vector<bool>>& flags = marks.flags;
  std::vector<NodeSelection> selections;
  for (std::size_t p = 0; p < flags.size(); ++p) {
    NodeSelection selection{p, {}};
    for (std::uint32_t node = 0; node < flags[p].size(); ++node) {
      if (flags[p][node]) selection.nodes.push_back(node);
    }
    if (!selection.nodes.empty()) selections.push_back(std::move(selection));
  }
  return selections;
}

bool NodeSets::mark(const Json& set, const std::string& place, Problems& problems, Marks& marks,
                    int depth) const {
  if (depth > kDeepestSet) {
    problems.add(place + ": node sets refer to each other in a circle");
    return false;
  }
  if (set.is_object()) return mark_basic(set, place, problems, marks);
  if (set.is_array()) {
    return std::all_of(set.begin(), set.end(),
                       [&](const Json& part) { return mark(part, place, problems, marks, depth + 1); });
  }
  if (set.is_string()) {
    const std::string name = set.get<std::string>();
    const auto known = sets_.find(name);
    if (known != sets_.end()) {
      const bool understood =
          marks.done.contains(name) || mark(*known, file_ + ": " + name, problems, marks, depth + 1);
      if (understood) marks.done.insert(name);
      return understood;
    }
    for (std::size_t p = 0; p < populations_.size(); ++p) {
      if (populations_[p].name != name) continue;
      marks.flags[p].assign(populations_[p].size, true);
      return true;
    }
  }
  problems.add(place + ": read " + set.dump(-1, ' ', false, Json::error_handler_t::replace) +
               "; expected a node set of " + (file_.empty() ? "a node_sets_file" : file_) +
               ", or the name of a population");
  return false;
}

bool NodeSets::mark_basic(const Json& set, const std::string& place, Problems& problems, Marks& marks) const {
  bool understood = true;
  for (const auto& [key, rule] : set.items()) {
    const bool known = key == "population" || key == "node_id" ||
                       std::any_of(populations_.begin(), populations_.end(),
                                   [&, &k = key](const NodePopulation& p) { return p.types->has_column(k); });
    if (known) continue;
    problems.add(place + ": read the attribute '" + key +
                 "'; expected population, node_id, or a column of a node types file");
    understood = false;
  }
  if (!understood) return false;
  const IdRule ids(set);
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    const NodePopulation& population = populations_[p];
    std::map<std::uint64_t, bool> type_matches;
    for (const auto& [id, row] : population.type_rows) {
      type_matches[id] =
          std::all_of(set.items().begin(), set.items().end(), [&, row = row](const auto& rule) {
            if (rule.key() == "node_id") return true;
            return matches(
                rule.key() == "population" ? population.name : population.types->field(*row, rule.key()),
                rule.value());
          });
    }
    for (std::uint32_t node = 0; node < population.size; ++node) {
      if (ids.admits(node) && type_matches.at(population.type_ids[node])) marks.flags[p][node] = true;
    }
  }
  return true;
}

}  // namespace sharpwave::sonata

// The `projections` section.
#include <algorithm>
#include <cmath>
#include <utility>

#include "host/config/connection_count.hpp"
#include "host/config/draft.hpp"

namespace sharpwave::config {
namespace {

/// Above it, counts in double are no longer exact and memory has long run out.
constexpr double kMostConnections = 1e15;

void read_degrees(MapReader& map, std::string_view key, std::uint32_t n_elements,
                  std::vector<std::uint32_t>& degrees) {
  const Node* node = map.require(key);
  if (node == nullptr) return;
  if (!node->is_sequence()) {
    const auto degree = map.context().integer(*node, map.path_of(key), map.info(key));
    degrees.assign(1, static_cast<std::uint32_t>(degree.value_or(0)));
    return;
  }
  if (node->children.size() != n_elements) {
    map.fault(key, "a number or as many as there are elements, " + std::to_string(n_elements));
    return;
  }
  for (std::size_t i = 0; i < node->children.size(); ++i) {
    const std::string path = map.path_of(key) + "[" + std::to_string(i) + "]";
    const auto degree = map.context().integer(node->children[i], path, map.info(key));
    degrees.push_back(static_cast<std::uint32_t>(degree.value_or(0)));
  }
}

void read_total(MapReader& map, ProjectionSpec& projection) {
  const bool has_total = map.find("total") != nullptr;
  const bool has_probability = map.find("probability") != nullptr;
  if (has_total == has_probability) {
    map.context().fault(map.node(), map.path(), "exactly one of total, probability");
  } else if (has_total) {
    projection.total = map.optional_integer("total").value_or(0);
  } else if (const auto p = map.optional_number("probability")) {
    const auto total = connection_count(*p, projection.source.size(), projection.target.size());
    if (!total) map.fault("probability", "a probability below 1 that gives a number of connections");
    projection.total = total.value_or(0);
  }
}

void read_edges(MapReader& map, ProjectionSpec& projection) {
  const Node* node = map.require("edges");
  if (node == nullptr) return;
  if (!node->is_sequence()) return map.fault("edges", "a list of pairs [source, target]");
  Context& context = map.context();
  for (std::size_t i = 0; i < node->children.size(); ++i) {
    const std::string path = map.path_of("edges") + "[" + std::to_string(i) + "]";
    const Node& pair = node->children[i];
    if (!pair.is_sequence() || pair.children.size() != 2) {
      context.fault(pair, path, "a pair [source, target]");
      continue;
    }
    const auto position = [&](std::size_t k, const Slice& slice) {
      KeyInfo key{.name = "edges", .type = KeyType::integer};
      key.range = {.low = 0, .high = static_cast<double>(slice.size()) - 1};
      return static_cast<std::uint32_t>(context.integer(pair.children[k], path, key).value_or(0));
    };
    projection.edge_sources.push_back(position(0, projection.source));
    projection.edge_targets.push_back(position(1, projection.target));
  }
}

void read_multapses(MapReader& map, ProjectionSpec& projection) {
  const auto given = map.optional_boolean("multapses");
  switch (projection.rule) {
    case ConnectionRule::one_to_one:
    case ConnectionRule::all_to_all:
    case ConnectionRule::pairwise_bernoulli:
      if (given == true) map.fault("multapses", "false: this rule connects a pair at most once");
      projection.multapses = false;
      return;
    case ConnectionRule::fixed_total_number:
      if (given == false) {
        map.fault("multapses", "true: pairs are drawn with replacement, as in NEST",
                  "pairwise_bernoulli and fixed_indegree connect a pair at most once");
      }
      return;
    case ConnectionRule::fixed_indegree:
    case ConnectionRule::fixed_outdegree:
    case ConnectionRule::explicit_list:
      projection.multapses = given.value_or(true);
  }
}

void read_rule(MapReader& map, ProjectionSpec& projection) {
  if (projection.rule != ConnectionRule::explicit_list) {
    projection.autapses = map.optional_boolean("autapses").value_or(true);
    read_multapses(map, projection);
  }
  switch (projection.rule) {
    case ConnectionRule::one_to_one:
    case ConnectionRule::all_to_all:
      return;
    case ConnectionRule::fixed_indegree:
      return read_degrees(map, "indegree", projection.target.size(), projection.degree);
    case ConnectionRule::fixed_outdegree:
      return read_degrees(map, "outdegree", projection.source.size(), projection.degree);
    case ConnectionRule::fixed_total_number:
      return read_total(map, projection);
    case ConnectionRule::pairwise_bernoulli:
      projection.probability = map.required_number("probability").value_or(0);
      return;
    case ConnectionRule::explicit_list:
      return read_edges(map, projection);
  }
}

double n_connections(const ProjectionSpec& projection) {
  const double n_pairs = static_cast<double>(projection.source.size()) * projection.target.size();
  double n_drawn = static_cast<double>(projection.total);
  for (const std::uint32_t degree : projection.degree) n_drawn += degree;
  if (projection.degree.size() == 1) {
    const bool per_target = projection.rule == ConnectionRule::fixed_indegree;
    n_drawn *= per_target ? projection.target.size() : projection.source.size();
  }
  return projection.rule == ConnectionRule::all_to_all           ? n_pairs
         : projection.rule == ConnectionRule::pairwise_bernoulli ? n_pairs * projection.probability
                                                                 : n_drawn;
}

/// Why a degree cannot be reached, or nothing.
std::string unreachable_degree(const ProjectionSpec& projection) {
  const bool per_target = projection.rule == ConnectionRule::fixed_indegree;
  const std::uint32_t n_others = per_target ? projection.source.size() : projection.target.size();
  const bool loses_itself =
      !projection.autapses && projection.source.population == projection.target.population;
  const std::uint32_t n_partners = n_others - (loses_itself ? 1 : 0);
  const auto largest = std::max_element(projection.degree.begin(), projection.degree.end());
  if (largest == projection.degree.end()) return {};
  if (*largest > 0 && n_partners == 0) return "a partner other than the element itself, or autapses";
  if (projection.multapses || *largest <= n_partners) return {};
  return "a degree of at most " + std::to_string(n_partners) +
         ", the number of partners: without multapses each is taken once";
}

void read_projection(Draft& draft, const Node& node, const std::string& path) {
  MapReader map(draft.context, node, Section::projection, path);
  const auto name = map.optional_text("name");
  const Node* source_node = map.require("source");
  const Node* target_node = map.require("target");
  const auto rule = map.required_choice("rule");
  const Node* weight = map.find("weight");
  const Node* delay = map.find("delay");
  const Node* plasticity = map.find("plasticity");
  std::vector<NamedSlice> sources;
  std::vector<NamedSlice> targets;
  if (source_node != nullptr) {
    sources = read_slices(draft, *source_node, map.path_of("source"), Sizes::full);
  }
  if (target_node != nullptr) {
    targets = read_slices(draft, *target_node, map.path_of("target"), Sizes::full);
  }
  constexpr std::size_t kMostPairs = 10'000;
  const std::size_t n_pairs = sources.size() * targets.size();
  const bool too_many =
      n_pairs > kMostPairs || draft.spec.projections.size() + n_pairs > kMostProjectionsInAll;
  if (too_many) {
    map.fault("source", "at most " + std::to_string(kMostPairs) + " pairs of source and target, and " +
                            std::to_string(kMostProjectionsInAll) + " in all projections");
  }
  if (!rule || n_pairs == 0 || too_many) {
    for (const std::string& key : key_names(Section::projection)) static_cast<void>(map.find(key));
    return;
  }
  map.set_inapplicable("not for rule " + *rule);
  const bool several = n_pairs > 1;
  for (const NamedSlice& target : targets) {
    for (const NamedSlice& source : sources) {
      const std::string pair = source.text + "->" + target.text;
      ProjectionSpec projection;
      projection.name =
          unique_name(draft, draft.projection_names,
                      name && several ? std::optional(*name + ":" + pair) : name, pair, node, path);
      projection.source = source.slice;
      projection.target = target.slice;
      projection.rule = connection_rule(*rule);
      read_rule(map, projection);
      const std::uint64_t n_values = projection.rule == ConnectionRule::explicit_list
                                         ? projection.edge_sources.size()
                                         : projection.target.size();
      if (is_weight_file(weight)) {
        projection.weight = std::vector<double>{};  // until there is a rule, whose bounds they are within
      } else if (weight != nullptr) {
        projection.weight =
            read_values(draft.context, *weight, map.path_of("weight"), map.info("weight"), n_values);
      }
      // The default of 1 ms is checked against dt like a value that was written.
      projection.delay_ms =
          delay != nullptr
              ? read_delays(draft.context, *delay, map.path_of("delay"), map.info("delay"), n_values)
              : as_delay(draft.context, node, map.path_of("delay"), Distribution::constant(1));
      check_projection(draft, projection, node, path);
      if (plasticity != nullptr) {
        projection.plasticity = read_plasticity(draft, *plasticity, map.path_of("plasticity"), projection);
        if (!projection.plasticity) draft.faulty_rules.insert(projection.name);
      }
      if (is_weight_file(weight)) {
        if (several)
          map.fault("weight", "one source and one target, of which a file has the weights");
        else if (plasticity == nullptr)
          map.fault("weight", "`plasticity` beside weights of a file");
        else if (projection.plasticity)
          read_given_weights(draft, *weight, map.path_of("weight"), projection);
      }
      draft.spec.projections.push_back(std::move(projection));
      draft.projection_origins.push_back({node.position, path});
    }
  }
}

}  // namespace

ConnectionRule connection_rule(std::string_view name) {
  if (name == "one_to_one") return ConnectionRule::one_to_one;
  if (name == "all_to_all") return ConnectionRule::all_to_all;
  if (name == "fixed_indegree") return ConnectionRule::fixed_indegree;
  if (name == "fixed_outdegree") return ConnectionRule::fixed_outdegree;
  if (name == "fixed_total_number") return ConnectionRule::fixed_total_number;
  if (name == "pairwise_bernoulli") return ConnectionRule::pairwise_bernoulli;
  return ConnectionRule::explicit_list;
}

std::optional<std::uint64_t> connection_count(double probability, std::uint64_t n_sources,
                                              std::uint64_t n_targets) {
  const double n_pairs = static_cast<double>(n_sources) * static_cast<double>(n_targets);
  if (probability == 0) return 0;
  // std::log is within an ulp of the true value on every processor, which the rounding to an integer absorbs;
  // log1p would be more accurate and differ from the published numbers for two pairs of PD14.
  const double count = std::round(std::log(1 - probability) / std::log((n_pairs - 1) / n_pairs));
  if (!(count >= 0 && count <= kMostConnections)) return std::nullopt;
  return static_cast<std::uint64_t>(count);
}

void check_projection(Draft& draft, const ProjectionSpec& projection, const Node& node,
                      const std::string& path) {
  const auto fault = [&](const std::string& expected) {
    draft.context.fault(node.position, path, "projection " + in_quotes(projection.name), expected);
  };
  const std::uint32_t n_sources = projection.source.size();
  const std::uint32_t n_targets = projection.target.size();
  if (draft.spec.populations[projection.target.population].is_virtual()) {
    fault("a target that receives: neurons or parrots");
  }
  if (projection.rule == ConnectionRule::one_to_one && n_sources != n_targets) {
    fault("as many sources as targets, not " + std::to_string(n_sources) + " and " +
          std::to_string(n_targets));
  }
  if (projection.rule == ConnectionRule::fixed_indegree ||
      projection.rule == ConnectionRule::fixed_outdegree) {
    const std::string why_not = unreachable_degree(projection);
    if (!why_not.empty()) fault(why_not);
  }
  if (projection.rule == ConnectionRule::fixed_total_number && projection.total > 0 && !projection.autapses &&
      n_sources == 1 && n_targets == 1 && projection.source == projection.target) {
    fault("a pair other than an element with itself, or autapses");
  }
  if (!(n_connections(projection) <= kMostConnections)) fault("at most 1e15 connections");
}

void read_projections(Draft& draft, const Node& node) {
  if (!node.is_sequence()) return draft.context.fault(node, "projections", "a list of projections");
  for (std::size_t i = 0; i < node.children.size() && !draft.context.stopped(); ++i) {
    read_projection(draft, node.children[i], "projections[" + std::to_string(i) + "]");
  }
}

}  // namespace sharpwave::config

// `weight: {file: ...}` of a plastic projection: weights that an earlier run has recorded, or of SONATA
// edges.
#include <fmt/format.h>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/config/draft.hpp"
#include "host/io/weight_file.hpp"

namespace sharpwave::config {
namespace {

/// Bounds hold for float32, as of weights that have been learned.
bool check_bounds(MapReader& map, const WeightSample& sample, const StdpSpec& rule) {
  const std::vector<float>& weights = sample.weighted.magnitudes;
  if (weights.empty()) return true;
  const auto is_within = [&](std::size_t i) {
    return weights[i] >= static_cast<float>(rule.w_min) && weights[i] <= static_cast<float>(rule.w_max);
  };
  for (const std::size_t i : {sample.least, sample.most}) {
    if (is_within(i)) continue;
    const PlasticSynapses& synapses = sample.weighted.synapses;
    map.fault("file",
              "weights of magnitudes within w_min and w_max, from " + number_text(rule.w_min) + " to " +
                  number_text(rule.w_max),
              fmt::format("{}that of synapse {}, from {} to {}, has a magnitude of {}",
                          sample.time_ms ? "at " + number_text(*sample.time_ms) + " ms " : "", i,
                          synapses.sources[i], synapses.targets[i], number_text(double{weights[i]})));
    return false;
  }
  return true;
}

/// Edges may say whose nodes their ids are of.
bool check_populations(Draft& draft, MapReader& map, const WeightSample& sample,
                       const ProjectionSpec& projection) {
  const auto is_of = [&](const std::optional<std::string>& given, const Slice& slice, const char* side) {
    const std::string& name = draft.spec.populations[slice.population].name;
    if (!given || *given == name) return true;
    map.fault("file", std::string("edges whose ") + side + " are of population " + in_quotes(name),
              "they are of " + in_quotes(*given));
    return false;
  };
  return is_of(sample.source_population, projection.source, "sources") &&
         is_of(sample.target_population, projection.target, "targets");
}

}  // namespace

bool is_weight_file(const Node* weight) {
  return weight != nullptr && weight->is_map() &&
         (weight->find("file") != nullptr || weight->find("time") != nullptr ||
          weight->find("edge_population") != nullptr);
}

void read_given_weights(Draft& draft, const Node& node, const std::string& path, ProjectionSpec& projection) {
  MapReader map(draft.context, node, Section::given_weights, path);
  static_cast<void>(map.require("file"));
  WeightChoice choice{.time_ms = map.optional_number("time"),
                      .edge_population = map.optional_text("edge_population")};
  const auto name = map.optional_text("file");
  const auto file = name ? find_data_file(draft, map, "file", *name) : std::nullopt;
  if (!file || draft.context.stopped()) return;
  try {
    const double dt_ms = draft.context.dt_ms;
    const WeightSample sample = read_weight_sample(*file, choice, dt_ms);
    const std::size_t n = sample.weighted.magnitudes.size();
    // They are not kept: what counts is the time that reading takes.
    constexpr std::size_t kSynapsesPerValue = 64;
    if (!draft.context.may_read(node, path, 1 + n / kSynapsesPerValue)) return;
    if (!check_populations(draft, map, sample, projection)) return;
    if (!check_bounds(map, sample, *projection.plasticity)) return;
    draft.file_digests.push_back(sample.digest);
    // Of a list only its range counts until the network is built, and that is what weights may become.
    const double w_max = projection.plasticity->w_max;
    projection.weight = sample.is_negative ? std::vector{-w_max, 0.0} : std::vector{0.0, w_max};
    choice.time_ms = sample.time_ms;
    const auto read = [file = *file, choice, dt_ms, digest = sample.digest] {
      WeightSample again = read_weight_sample(file, choice, dt_ms);
      if (again.digest != digest)
        throw Error(ExitCode::invalid_config,
                    file.string() + ": has changed since the config was read; expected the same weights");
      return std::move(again.weighted);
    };
    projection.given_weights = std::make_shared<const GivenWeights>(
        GivenWeights{.where = file->string(), .digest = sample.digest, .n = n, .read = read});
  } catch (const Error& error) {
    map.fault("file", "a readable file of recorded weights, or of SONATA edges", error.what());
  }
}

}  // namespace sharpwave::config

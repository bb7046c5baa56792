// `gates` of a region: what its neuromodulators multiply, and by how much.
#include <string>

#include "host/base/number_text.hpp"
#include "host/config/draft.hpp"

namespace sharpwave::config {
namespace {

void read_factor_bounds(MapReader& map, double& min, double& max) {
  min = map.optional_number("min").value_or(min);
  max = map.optional_number("max").value_or(max);
  if (min <= max) return;
  if (map.has("min"))
    map.fault("min", "at most max, " + number_text(max));
  else
    map.fault("max", "at least min, " + number_text(min));
}

void read_level_gate(MapReader& gates, const char* name, const RegionSpec& region, LevelGate& gate) {
  const Node* node = gates.find(name);
  if (node == nullptr) return;
  MapReader map(gates.context(), *node, Section::level_gate, gates.path_of(name));
  const Modulator before = gate.modulator;
  if (const auto modulator = map.optional_choice("modulator")) gate.modulator = modulator_named(*modulator);
  if (!region.has(gate.modulator)) {
    const std::string hint = map.has("modulator") ? "" : std::string("this gate is of ") + name_of(before);
    map.fault("modulator", "one that the region has", hint);
  }
  gate.slope = map.optional_number("slope").value_or(gate.slope);
  gate.neutral = map.number("neutral");
  read_factor_bounds(map, gate.min, gate.max);
}

void check_stretch(MapReader& gates, const LevelGate& gate) {
  if (gate.min >= kLeastStretch && gate.max <= kMostStretch) return;
  gates.fault("eligibility_time",
              "bounds from " + number_text(kLeastStretch) + " to " + number_text(kMostStretch));
}

void read_learning_gate(MapReader& gates, const RegionSpec& region, LearningGate& gate) {
  const Node* node = gates.find("learning_rate");
  if (node == nullptr) return;
  MapReader map(gates.context(), *node, Section::learning_gate, gates.path_of("learning_rate"));
  if (!region.has(Modulator::acetylcholine))
    for (const char* key : {"encoding_from", "retrieval_to", "encoding", "neutral", "retrieval"})
      if (map.has(key)) map.fault(key, "`acetylcholine` in the region, of which it is");
  gate.acetylcholine = map.number("acetylcholine");
  gate.noradrenaline = map.number("noradrenaline");
  gate.serotonin = map.number("serotonin");
  gate.encoding_from = map.number("encoding_from");
  gate.retrieval_to = map.number("retrieval_to");
  gate.encoding = map.number("encoding");
  gate.neutral = map.number("neutral");
  gate.retrieval = map.number("retrieval");
  gate.mood = map.number("mood");
  gate.least_error = map.number("least_error");
  read_factor_bounds(map, gate.min, gate.max);
  if (gate.retrieval_to < gate.encoding_from) return;
  if (map.has("retrieval_to"))
    map.fault("retrieval_to", "below encoding_from, " + number_text(gate.encoding_from));
  else
    map.fault("encoding_from", "above retrieval_to, " + number_text(gate.retrieval_to));
}

}  // namespace

void read_gates(Context& context, const Node& node, const std::string& path, RegionSpec& region) {
  MapReader map(context, node, Section::gates, path);
  read_level_gate(map, "potentiation", region, region.gates.potentiation);
  read_level_gate(map, "depression", region, region.gates.depression);
  read_level_gate(map, "eligibility_time", region, region.gates.eligibility_time);
  check_stretch(map, region.gates.eligibility_time);
  read_level_gate(map, "input_gain", region, region.gates.input_gain);
  read_level_gate(map, "external_gain", region, region.gates.external_gain);
  read_learning_gate(map, region, region.gates.learning_rate);
}

}  // namespace sharpwave::config

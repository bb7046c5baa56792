// A model while it is read: the description so far and what only the config reader needs to know.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/config/reader.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::config {

struct Scaling {
  double neurons = 1;
  double indegrees = 1;
  [[nodiscard]] bool active() const { return neurons != 1 || indegrees != 1; }
};

/// Where an object stands, for faults that are found after its map has been read.
struct Origin {
  Position position;
  std::string path;
};

/// Names that are taken, and for each that was asked for in vain the least suffix that may be free.
struct Names {
  std::set<std::string> taken{};
  std::map<std::string, std::uint32_t> next_suffix{};
};

/// Limits on what a list times a list can ask for.
inline constexpr std::size_t kMostProjectionsInAll = 50'000;
inline constexpr std::size_t kMostInputsInAll = 50'000;

struct Draft {
  Context& context;
  std::filesystem::path base_folder;
  ModelSpec spec{};  ///< sizes, counts and weights at full scale until apply_scaling()
  Scaling scaling{};
  Origin scaling_origin{};
  std::map<std::string, std::uint32_t> population_index{};
  std::map<std::string, std::uint32_t> region_index{};  ///< of neuromodulators
  std::set<std::string> presented{};                    ///< populations to which `stimuli` are presented
  std::vector<Origin> population_origins{};
  std::vector<Origin> projection_origins{};
  std::vector<Origin> input_origins{};
  Names projection_names{};
  std::set<std::string> faulty_rules{};  ///< names of those whose plasticity is at fault
  Names input_names{};
  std::vector<std::string> file_digests{};  ///< of files of spikes, rates and weights, for the config digest

  [[nodiscard]] std::uint32_t scaled_size(std::uint32_t population) const;
};

/// Sizes are full for projections, whose numbers of connections follow from the full network, and scaled for
/// everything that is attached to the network as it runs.
enum class Sizes { full, scaled };

struct NamedSlice {
  Slice slice;
  std::string text;  ///< as written, "E[0:100]"
};

/// One slice, `NAME`, `NAME[i]` or `NAME[start:stop:stride]`; nothing after a fault.
[[nodiscard]] std::optional<NamedSlice> read_slice(Draft& draft, const Node& node, const std::string& path,
                                                   Sizes sizes);
/// One slice or a list of them.
[[nodiscard]] std::vector<NamedSlice> read_slices(Draft& draft, const Node& node, const std::string& path,
                                                  Sizes sizes);

/// The name of a projection or input: `given`, or `fallback` made unique. A given one that is taken is a
/// fault.
[[nodiscard]] std::string unique_name(Draft& draft, Names& names, const std::optional<std::string>& given,
                                      const std::string& fallback, const Node& node, const std::string& path);

/// The file that a key names, relative to the config; nothing where there is no key, or after a fault.
[[nodiscard]] std::optional<std::filesystem::path> find_file(Draft& draft, MapReader& map,
                                                             std::string_view key);

/// A file of `name` beside the config, in $SHARPWAVE_DATA or in data/; nothing after a fault at `key`.
/// @param hint  where it is nowhere.
[[nodiscard]] std::optional<std::filesystem::path> find_data_file(Draft& draft, MapReader& map,
                                                                  std::string_view key,
                                                                  const std::string& name,
                                                                  const std::string& hint = {});
/// Such a hint, from the map's key `obtain`; empty where there is none.
[[nodiscard]] std::string where_to_obtain(MapReader& map);

struct TimedValues {
  std::vector<double> times_ms{};  ///< ascending, on the grid
  std::vector<double> values{};
};

/// The second column of a file of values over time.
struct TimedColumn {
  std::string name;           ///< "rate"
  std::string name_and_unit;  ///< "rate in Hz"
  bool from_0 = false;        ///< the first time is 0; else all are later
  /// What is expected where the value cannot be; there is none where it is no number.
  std::function<std::optional<std::string>(std::optional<double>)> expected_instead_of;
};

/// The file that a key names: lines of a time and a value, with or without a header; empty after a fault.
[[nodiscard]] TimedValues read_timed_file(Draft& draft, MapReader& map, std::string_view key,
                                          const TimedColumn& column);

/// A constant rate or a piecewise one, inline or from a file, of which `scale` times as much is drawn.
[[nodiscard]] PiecewiseRate read_rate(Draft& draft, const Node& node, const std::string& path,
                                      const KeyInfo& key, double scale);

/// At most 100 letters, digits, _ and -.
[[nodiscard]] bool is_file_word(const std::string& text);

/// At most 64 letters, digits, _, + and -.
[[nodiscard]] bool is_population_name(const std::string& text);

[[nodiscard]] Modulator modulator_named(std::string_view name);
/// The names that `neuromodulators` has, before what they stand for can be read.
void read_region_names(Draft& draft, const Node& node);
/// `neuromodulators`, once populations and regions have names.
void read_regions(Draft& draft, const Node& node);
/// `gates` of a region whose modulators are known.
void read_gates(Context& context, const Node& node, const std::string& path, RegionSpec& region);
/// The region that a key names; nothing where there is no key, or after a fault.
[[nodiscard]] std::optional<std::uint32_t> read_region(Draft& draft, MapReader& map, std::string_view key);

/// Notes the populations that `stimuli` are presented to, before these are read.
void read_presented_names(Draft& draft, const Node& stimuli);
/// @return whether they are a map, so that what `protocol` names can be looked up.
bool read_stimuli(Draft& draft, const Node& node, ProtocolSpec& protocol);
/// `protocol`, once populations are known; the run is then as long as it can be.
void read_protocol(Draft& draft, const Node& stimuli, const Node& phases);

void read_populations(Draft& draft, const Node& node, const Node* defaults);
void read_projections(Draft& draft, const Node& node);
void read_projection_table(Draft& draft, const Node& node);
void read_inputs(Draft& draft, const Node& node);
/// @param node  null: everything is recorded.
void read_record(Draft& draft, const Node* node);
/// What is recorded of plastic projections.
/// @param plasticity, weights  of `record`; null: as without them.
void read_learning_records(Draft& draft, const Node* plasticity, const Node* weights);
/// When the levels of neuromodulators are recorded.
/// @param node  of `record`; null: as without it.
void read_modulator_record(Draft& draft, const Node* node);

/// Notes a fault unless the projection can be made: targets that receive, sizes that suit the rule, degrees
/// within what is there, sizes that do not overflow.
void check_projection(Draft& draft, const ProjectionSpec& projection, const Node& node,
                      const std::string& path);

/// The rule by which a projection's weights change; nothing after a fault.
/// @param projection  with all but that, for its weights and its target.
[[nodiscard]] std::optional<StdpSpec> read_plasticity(Draft& draft, const Node& node, const std::string& path,
                                                      const ProjectionSpec& projection);

/// Are the weights of a projection those of a file?
/// @param weight  null: no.
[[nodiscard]] bool is_weight_file(const Node* weight);
/// Reads them, once its rule is there, and sets `weight` and `given_weights`.
void read_given_weights(Draft& draft, const Node& node, const std::string& path, ProjectionSpec& projection);

/// What to make many runs of; nothing where it is null, or after a fault.
/// @param simulation  of the config, for its seeds.
[[nodiscard]] std::optional<BatchSpec> read_batch(Context& context, const Node& node,
                                                  const SimulationSpec& simulation);

/// @param node  an empty map: everything as it is without the section.
[[nodiscard]] WatchdogSpec read_watchdog(Context& context, const Node& node);

/// `memory`, once all else is known.
void read_memory(Draft& draft, const Node& node);

/// Shrinks the network and adds the mean input that is lost to I_e (models, section 6).
void apply_scaling(Draft& draft);

}  // namespace sharpwave::config

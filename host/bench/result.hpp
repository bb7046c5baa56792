// What a benchmark has found, and the JSON that holds it (docs/formats/bench_json.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/bench/machine.hpp"
#include "host/engine/engine.hpp"
#include "host/io/json_place.hpp"

namespace sharpwave::bench {

/// Over the repeats.
struct Range {
  double min = 0;
  double median = 0;
  double max = 0;
};
/// @param values  at least one; the median of an even number is the mean of the two in the middle.
[[nodiscard]] Range range_of(std::vector<double> values);

/// What a case has beside the times of a run; its kind says which (kinds.hpp).
struct Figure {
  enum class Better { less, more };
  std::string name;  ///< with its unit: "instances_per_s"
  Better better = Better::less;
  bool of_machine = true;      ///< else it can be compared between machines
  std::vector<double> values;  ///< of all repeats, in order; a repeat may have several
};

/// One repeat.
struct Measurement {
  double wall_s = 0;          ///< of the recorded part
  double construction_s = 0;  ///< network, without counting its connections
  double peak_memory_bytes = 0;
  std::vector<PhaseTime> phases;
  /// Of all processors' time, from the start of the process to its end. None where the system does not say.
  std::optional<double> others_share;
  /// Of the machine, with as many threads, right after the repeat. None for a GPU.
  std::optional<double> read_pass_s;  ///< over as many bytes as the network's connectivity has
  std::optional<double> copy_bytes_per_s;
};

/// One case on one number of threads: what is the same in all repeats, and the repeats.
struct Result {
  std::string name;
  std::vector<std::string> overrides;
  std::string config_digest;
  std::string device;
  std::string precision;
  std::string layout;  ///< with the instruction set, as run.json has it
  int threads = 1;
  double simulated_ms = 0;
  double warm_up_ms = 0;  ///< simulated before, neither timed nor recorded
  std::uint64_t neurons = 0;
  std::uint64_t synapses = 0;
  std::uint64_t synapse_bytes = 0;
  double plastic_synapses = 0;  ///< expected; on the CPU
  double plastic_bytes = 0;     ///< likewise
  std::uint64_t spikes = 0;
  std::uint64_t synaptic_events = 0;
  std::string spike_digest;
  std::vector<Measurement> repeats;
  std::vector<Figure> figures;  ///< the same in all repeats but for their values

  /// Appends the repeats and values of one that is of the same case.
  void add(Result&& other);

  template <class Value>
  [[nodiscard]] Range over_repeats(Value value) const {
    std::vector<double> values;
    for (const Measurement& repeat : repeats) values.push_back(value(repeat));
    return range_of(std::move(values));
  }
  [[nodiscard]] double bytes_per_synapse() const;
  [[nodiscard]] std::optional<double> bytes_per_plastic_synapse() const;  ///< none where there is none
  [[nodiscard]] Range wall_s() const;
  [[nodiscard]] Range real_time_factor() const;
  [[nodiscard]] Range construction_s() const;
  [[nodiscard]] Range peak_memory_bytes() const;
  [[nodiscard]] Range events_per_s() const;
  [[nodiscard]] std::optional<Range> others_share() const;  ///< none where it is unknown
  /// Wall time over the time in which the machine reads the bytes of the delivered synapses one after the
  /// other, each repeat over its own pass. None for a GPU.
  [[nodiscard]] std::optional<Range> times_read_pass() const;
  /// Bytes of the delivered synapses a second over those that the machine copies. None for a GPU.
  [[nodiscard]] std::optional<Range> share_of_copy() const;
  [[nodiscard]] bool noisy() const;  ///< others had more than kNoise in some repeat
};

inline constexpr double kNoise = 0.05;

/// "brunel, 2 threads"
[[nodiscard]] std::string label_of(std::string_view name, int threads);

struct Report {
  std::string version;
  Machine machine;
  std::vector<Result> results;
};

[[nodiscard]] Json to_json(const Report& report);

/// What a comparison needs of an earlier report.
struct BaselineResult {
  std::string name, config_digest, device, spike_digest;
  int threads = 1;
  double bytes_per_synapse = 0;
  Range wall_s, construction_s, peak_memory_bytes;
  std::optional<Range> times_read_pass;
  std::vector<std::pair<std::string, Range>> figures;  ///< none in a report of before there were any
  bool noisy = false;
};
struct Baseline {
  std::string version;
  std::string processor;
  int allowed = 0;
  std::vector<BaselineResult> results;
};
/// @param where  the file's name, for messages.
/// @throws Error(damaged_data) naming the place and what was expected.
[[nodiscard]] Baseline read_baseline(const std::string& text, const std::string& where);

}  // namespace sharpwave::bench

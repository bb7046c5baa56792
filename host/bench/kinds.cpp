#include "host/bench/kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/sha256.hpp"
#include "host/base/stopwatch.hpp"
#include "host/bench/pulses.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/checkpoint/checkpoint_store.hpp"
#include "host/config/config.hpp"

namespace sharpwave::bench {
namespace {

constexpr int kTimesWritten = 10;
constexpr std::uint64_t kMostInstances = 100'000;

/// A repeat of a case that is being measured.
struct Repeat {
  ProgramRuns& runs;
  const Case& c;
  const std::vector<std::string>& overrides;
  int threads;
  const std::string& label;

  [[nodiscard]] EndedRun run(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = overrides;
    all.insert(all.end(), more.begin(), more.end());
    return runs.run(c.config, all, threads, label);
  }
};

[[noreturn]] void bug(const std::string& label, const std::string& what) {
  throw Error(ExitCode::internal, label + ": " + what + ": a bug");
}

std::optional<double> larger(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b) return {};
  return std::max(*a, *b);
}

std::string digest_over(const std::string& digests) {
  return to_hex(sha256(digests));
}

// --- a batch ---

struct Instance {
  std::string name;
  std::string spike_digest;
  std::vector<std::string> overrides;
};

std::vector<Instance> read_instances(const Json& batch, const std::string& label) {
  const JsonPlace list = JsonPlace{batch, label + ": batch.json"}["instances"];
  std::vector<Instance> instances;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Instance& instance = instances.emplace_back();
    instance.name = list[i]["name"].text();
    instance.spike_digest = list[i]["spike_digest"].text();
    const JsonPlace overrides = list[i]["overrides"];
    for (std::size_t k = 0; k < overrides.size(); ++k) instance.overrides.push_back(overrides[k].text());
  }
  return instances;
}

double construction_s(const Json& batch, const std::string& label) {
  const JsonPlace groups = JsonPlace{batch, label + ": batch.json"}["groups"];
  double seconds = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) seconds += groups[i]["construction_s"].number();
  return seconds;
}

/// All instances as one result; their phases overlap and are left out.
Result sum_of(const EndedRun& ended, const std::vector<Instance>& instances, const std::string& label) {
  Result sum;
  std::string configs;
  std::string spikes;
  for (const Instance& instance : instances) {
    const EndedRun part{.directory = ended.directory / "instances" / instance.name};
    Result one = read_result(part, label + ", instance " + instance.name);
    if (one.spike_digest != instance.spike_digest)
      bug(label, "instance " + instance.name + " has another spike digest in batch.json than in run.json");
    configs += one.config_digest;
    spikes += one.spike_digest;
    if (sum.repeats.empty()) {
      sum = std::move(one);
      continue;
    }
    // Of their process until each had ended.
    double& peak = sum.repeats.front().peak_memory_bytes;
    peak = std::max(peak, one.repeats.front().peak_memory_bytes);
    sum.simulated_ms += one.simulated_ms;
    sum.spikes += one.spikes;
    sum.synaptic_events += one.synaptic_events;
  }
  sum.config_digest = digest_over(configs);
  sum.spike_digest = digest_over(spikes);
  return sum;
}

Result measure_batch(const Repeat& repeat) {
  const EndedRun ended = repeat.run();
  const Json batch = json_in(ended.directory / "batch.json");
  const std::vector<Instance> instances = read_instances(batch, repeat.label);
  if (instances.empty() || instances.size() > kMostInstances) bug(repeat.label, "no instances, or too many");
  Result result = sum_of(ended, instances, repeat.label);
  result.threads = repeat.threads;
  Measurement& m = result.repeats.front();
  m = {.wall_s = ended.seconds,
       .construction_s = construction_s(batch, repeat.label),
       .peak_memory_bytes = m.peak_memory_bytes,
       .phases = {},
       .others_share = ended.others_share,
       .read_pass_s = {},
       .copy_bytes_per_s = {}};
  double alone_s = 0;
  for (const Instance& instance : instances) {
    std::vector<std::string> overrides{"batch=null"};
    overrides.insert(overrides.end(), instance.overrides.begin(), instance.overrides.end());
    const EndedRun single = repeat.run(overrides);
    const std::string digest = read_result(single, repeat.label).spike_digest;
    if (digest != instance.spike_digest)
      bug(repeat.label, fmt::format("instance {} has the spike digest {}, alone {}", instance.name,
                                    instance.spike_digest, digest));
    alone_s += single.seconds;
    m.others_share = larger(m.others_share, single.others_share);
  }
  result.figures = {
      {.name = "instances_per_s",
       .better = Figure::Better::more,
       .values = {static_cast<double>(instances.size()) / ended.seconds}},
      {.name = "times_as_fast_as_alone",
       .better = Figure::Better::more,
       .of_machine = false,
       .values = {alone_s / ended.seconds}},
  };
  return result;
}

// --- the watchdog ---

std::vector<std::string> every_sign_off() {
  std::vector<std::string> overrides;
  for (std::size_t sign = 0; sign < kWatchdogSignCount; ++sign)
    overrides.push_back(fmt::format("watchdog.{}=off", name_of(static_cast<WatchdogSign>(sign))));
  return overrides;
}

Result measure_watchdog(const Repeat& repeat) {
  Result result;
  std::vector<double> walls_with;
  std::vector<double> walls_without;
  std::optional<double> others = 0.0;
  for (int pair = 0; pair < kWatchdogPairs; ++pair) {
    // Either comes first as often as the other, but for one: what warms up or slows down meets both.
    Result with;
    Result without;
    for (const bool on : {pair % 2 == 0, pair % 2 != 0})
      (on ? with : without) = read_result(on ? repeat.run() : repeat.run(every_sign_off()), repeat.label);
    if (with.spike_digest != without.spike_digest || with.synaptic_events != without.synaptic_events)
      bug(repeat.label, fmt::format("the watchdog changes spikes: digest {} with it, {} without",
                                    with.spike_digest, without.spike_digest));
    const Measurement& on = with.repeats.front();
    const Measurement& off = without.repeats.front();
    walls_with.push_back(on.wall_s);
    walls_without.push_back(off.wall_s);
    others = larger(others, larger(on.others_share, off.others_share));
    if (pair == 0) result = std::move(with);
  }
  // What else the machine does only makes a run longer.
  const double least_with = range_of(std::move(walls_with)).min;
  result.repeats.front().wall_s = least_with;
  result.repeats.front().others_share = others;
  result.figures = {{.name = "times_as_long_as_without",
                     .of_machine = false,
                     .values = {least_with / range_of(std::move(walls_without)).min}}};
  return result;
}

// --- checkpoints ---

double seconds_in(const Measurement& m, std::string_view phase) {
  const auto found = std::ranges::find(m.phases, phase, &PhaseTime::name);
  return found == m.phases.end() ? 0 : found->seconds;
}

/// Of the recorded part, without the last one, for which nothing has to go on.
std::uint64_t number_written(const std::vector<CheckpointStore::Entry>& entries, const Checkpoint& last) {
  return static_cast<std::uint64_t>(std::ranges::count_if(entries, [&](const CheckpointStore::Entry& entry) {
    return entry.step > last.warm_up_steps && entry.step < last.warm_up_steps + last.steps;
  }));
}

Result measure_checkpoint(const Repeat& repeat) {
  const EndedRun ended = repeat.run();
  Result result = read_result(ended, repeat.label);
  const std::vector<CheckpointStore::Entry> entries = CheckpointStore(ended.directory).entries();
  if (entries.empty()) bug(repeat.label, "no checkpoint was written");
  const std::string bytes = read_checkpoint_bytes(entries.front().file);
  const Checkpoint state = decode_checkpoint(bytes, entries.front().file.string());
  if (to_hex(state.instances.front().spike_digest) != result.spike_digest)
    bug(repeat.label, "the last checkpoint is not of the end of the run");
  const std::uint64_t n_written = number_written(entries, state);
  if (n_written == 0)
    throw Error(ExitCode::invalid_config, repeat.label +
                                              ": no checkpoint was due in the recorded part, or it was over "
                                              "before one was written; expected some");

  const auto n_bytes = static_cast<double>(bytes.size());
  Figure write_ms{.name = "write_ms", .values = {}};
  Figure read_ms{.name = "read_ms", .values = {}};
  Figure write_rate{.name = "write_MB_per_s", .better = Figure::Better::more, .values = {}};
  Figure read_rate{.name = "read_MB_per_s", .better = Figure::Better::more, .values = {}};
  const CheckpointStore store(repeat.runs.folder() / "written");
  for (int i = 0; i < kTimesWritten; ++i) {
    Checkpoint copy = state;
    const Stopwatch write;
    const std::filesystem::path file = store.write(encode_checkpoint(std::move(copy)), step_of(state));
    const double write_s = write.seconds();
    const Stopwatch read;
    const Checkpoint again = read_checkpoint(file);
    const double read_s = read.seconds();
    // Equal content gives equal bytes.
    if (encode_checkpoint(again) != bytes || read_checkpoint_bytes(file) != bytes)
      bug(repeat.label, "a state that is written and read again is another");
    write_ms.values.push_back(1e3 * write_s);
    read_ms.values.push_back(1e3 * read_s);
    write_rate.values.push_back(1e-6 * n_bytes / write_s);
    read_rate.values.push_back(1e-6 * n_bytes / read_s);
  }
  const double held_up_s = seconds_in(result.repeats.front(), "checkpoints") / static_cast<double>(n_written);
  result.figures = {{.name = "checkpoint_bytes", .of_machine = false, .values = {n_bytes}},
                    std::move(write_ms),
                    std::move(write_rate),
                    std::move(read_ms),
                    std::move(read_rate),
                    {.name = "held_up_ms", .values = {1e3 * held_up_s}}};
  return result;
}

// --- pulses ---

Result measure_pulses(const Repeat& repeat) {
  const EndedRun ended = repeat.run();
  Result result = read_result(ended, repeat.label);
  const Json run = json_in(ended.directory / "run.json");
  const JsonPlace plastic = JsonPlace{run, repeat.label + ": run.json"}["plasticity"];
  if (plastic.size() != 1 || !(plastic[0]["raised"].number() + plastic[0]["lowered"].number() > 0))
    bug(repeat.label, "the pulses have changed no weight");
  result.figures = time_pulses(load_config_text(repeat.runs.config_text(repeat.c.config), repeat.label,
                                                parse_overrides(repeat.overrides)),
                               repeat.threads);
  return result;
}

}  // namespace

Result measure_once(ProgramRuns& runs, const Case& c, const std::vector<std::string>& overrides, int threads,
                    const std::string& label) {
  const Repeat repeat{.runs = runs, .c = c, .overrides = overrides, .threads = threads, .label = label};
  switch (c.kind) {
    case Kind::run:
      return read_result(repeat.run(), label);
    case Kind::batch:
      return measure_batch(repeat);
    case Kind::watchdog:
      return measure_watchdog(repeat);
    case Kind::checkpoint:
      return measure_checkpoint(repeat);
    case Kind::pulses:
      return measure_pulses(repeat);
  }
  SHARPWAVE_ASSERT(false);
  return {};
}

}  // namespace sharpwave::bench

#include "host/bench/run_profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/json.hpp"
#include "host/base/thread_pool.hpp"
#include "host/bench/machine.hpp"
#include "host/io/atomic_file.hpp"

namespace sharpwave::bench {
namespace {

RunProfile::Limits limits_of(const RunSummary& run) {
  ThreadPool pool(run.threads);
  RunProfile::Limits limits{.copy_bytes_per_s = copy_bytes_per_s(pool),
                            .read_pass_s = read_pass_s(pool, std::max<std::uint64_t>(run.synapse_bytes, 1))};
  const double passes = static_cast<double>(run.synaptic_events) / static_cast<double>(run.synapses);
  const double bytes = passes * static_cast<double>(run.synapse_bytes);
  limits.share_of_copy = bytes / run.wall_s / limits.copy_bytes_per_s;
  limits.times_read_pass = run.wall_s / (passes * limits.read_pass_s);
  return limits;
}

}  // namespace

RunProfile run_profile(const RunSummary& run, const StepProfile& steps, bool on_gpu) {
  RunProfile profile{
      .wall_s = run.wall_s, .spikes = run.spikes_total, .synaptic_events = run.synaptic_events};
  for (const PhaseTime& phase : run.phases) {
    if (phase.name == "construction" || phase.name == "connection statistics") continue;  // before it
    const auto of_engine = std::find(steps.phases.begin(), steps.phases.end(), phase.name);
    std::optional<std::uint64_t> count;
    if (of_engine != steps.phases.end())
      count = steps.counts[static_cast<std::size_t>(of_engine - steps.phases.begin())];
    profile.phases.push_back({.name = phase.name,
                              .seconds = phase.seconds,
                              .share = run.wall_s > 0 ? phase.seconds / run.wall_s : 0,
                              .count = count});
  }
  const auto microseconds = [&](double share) {
    return static_cast<double>(steps.steps.quantile(share)) * steps.seconds_per_tick * 1e6;
  };
  profile.steps = {.n = steps.steps.n(),
                   .single = steps.has_single_steps,
                   .p50_us = microseconds(0.5),
                   .p95_us = microseconds(0.95),
                   .p99_us = microseconds(0.99)};
  if (run.wall_s > 0) profile.events_per_s = static_cast<double>(run.synaptic_events) / run.wall_s;
  if (!on_gpu && run.synaptic_events > 0) profile.limits = limits_of(run);
  return profile;
}

std::string to_json_text(const RunProfile& profile) {
  Json json;
  json["wall_s"] = profile.wall_s;
  json["spikes"] = profile.spikes;
  json["synaptic_events"] = profile.synaptic_events;
  json["events_per_s"] = profile.events_per_s;
  json["steps"] = {{"count", profile.steps.n},
                   {"single", profile.steps.single},
                   {"p50_us", profile.steps.p50_us},
                   {"p95_us", profile.steps.p95_us},
                   {"p99_us", profile.steps.p99_us}};
  json["phases"] = Json::array();
  for (const RunProfile::PhaseShare& phase : profile.phases)
    json["phases"].push_back({{"name", phase.name},
                              {"seconds", phase.seconds},
                              {"share", phase.share},
                              {"count", phase.count ? Json(*phase.count) : Json()}});
  json["limits"] = nullptr;
  if (profile.limits)
    json["limits"] = {{"copy_bytes_per_s", profile.limits->copy_bytes_per_s},
                      {"share_of_copy", profile.limits->share_of_copy},
                      {"read_pass_s", profile.limits->read_pass_s},
                      {"times_read_pass", profile.limits->times_read_pass}};
  return json.dump(2) + "\n";
}

std::string trace_events(const StepProfile& steps) {
  std::uint64_t every = 1;
  std::string text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  text += "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1,\"args\":{\"name\":\"sharpwave\"}}";
  const char* number = steps.has_single_steps ? "step" : "stretch";
  for (std::size_t thread = 0; thread < steps.threads.size(); ++thread) {
    text += fmt::format(
        ",\n{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":{0},\"args\":{{\"name\":\"thread "
        "{0}\"}}}}",
        thread);
    every = std::max(every, steps.threads[thread].every());
    for (const ThreadProfile::Event& event : steps.threads[thread].events()) {
      const auto us = [&](std::uint64_t ticks) {
        return static_cast<double>(ticks) * steps.seconds_per_tick * 1e6;
      };
      text += fmt::format(
          ",\n{{\"ph\":\"X\",\"name\":\"{}\",\"pid\":1,\"tid\":{},\"ts\":{:.3f},\"dur\":{:.3f},"
          "\"args\":{{\"{}\":{}}}}}",
          steps.phases[event.phase], thread, us(event.begin - steps.first_tick), us(event.end - event.begin),
          number, event.step);
    }
  }
  return text + fmt::format("\n],\"otherData\":{{\"shown\":\"1 of {} {}{}\"}}}}\n", every, number,
                            steps.has_single_steps ? "s" : "es");
}

std::vector<std::filesystem::path> write_profile(const std::filesystem::path& directory,
                                                 const RunProfile& profile, const StepProfile& steps) {
  const std::vector<std::filesystem::path> files{directory / "profile.json", directory / "trace.json"};
  write_file_atomically(files[0], to_json_text(profile));
  write_file_atomically(files[1], trace_events(steps));
  return files;
}

}  // namespace sharpwave::bench

#include "benchmarks/gpu/report.hpp"

#include <fmt/format.h>

namespace sharpwave::gpu_limits {

std::string text_of(const Device& d) {
  constexpr double kMiB = 1 << 20;
  return fmt::format(
      "{}, compute capability {}.{}, {} SMs with {:.0f} KiB for a block, L2 {:.0f} MiB, memory {:.0f} MiB "
      "({:.0f} free)\nSM clock {:.0f} MHz under load (at most {:.0f}), memory clock {:.0f} MHz; driver {}, "
      "runtime {}\n",
      d.name, d.compute_capability / 10, d.compute_capability % 10, d.n_sms, d.shared_bytes / 1024.0,
      static_cast<double>(d.l2_bytes) / kMiB, static_cast<double>(d.memory_bytes) / kMiB,
      static_cast<double>(d.free_bytes) / kMiB, d.sm_clock_MHz, d.sm_clock_most_MHz, d.memory_clock_MHz,
      d.driver_version, d.runtime_version);
}

std::string text_of(const Answer& answer) {
  std::string text = fmt::format("\n{}: {}\n", answer.name, answer.question);
  for (const Figure& figure : answer.figures) {
    std::string where;
    for (const auto& [key, place] : figure.where)
      where += fmt::format("{}{} {}", where.empty() ? "" : ", ", key, place);
    text += fmt::format("  {:<24} {:<44} {:>10.4g} / {:>10.4g} / {:>10.4g} {}\n", figure.name, where,
                        figure.value.min, figure.value.median, figure.value.max, figure.unit);
  }
  for (const std::string& sentence : answer.left_out) text += fmt::format("  not measured: {}\n", sentence);
  return text;
}

std::string text_of(const Limits& l, const std::vector<Prediction>& predictions) {
  std::string text = fmt::format(
      "\nA step of the full microcircuit with direct current (25 spikes, 96,700 synaptic events, 77,169 "
      "neurons), from the medians:\n"
      "  barrier {:.3g} us, rows {:.3g} us, shared adds {:.4g}/us, update: 48 bytes a neuron / {:.4g} "
      "bytes/us,\n  kernel {:.3g} us, global adds {:.4g}/us, copy {:.4g} bytes/us\n",
      l.barrier_us, l.rows_us, l.shared_adds_per_us, l.shared_bytes_per_us, l.kernel_us, l.global_adds_per_us,
      l.global_bytes_per_us);
  for (const Prediction& p : predictions)
    text += fmt::format("  {:<48} {:>8.3g} us, real-time factor {:.4f} = {}\n", p.name, p.step_us,
                        p.real_time_factor, p.formula);
  return text;
}

Json json_of(const Device& d) {
  return {{"name", d.name},
          {"compute_capability", d.compute_capability},
          {"n_sms", d.n_sms},
          {"sm_clock_MHz", d.sm_clock_MHz},
          {"sm_clock_most_MHz", d.sm_clock_most_MHz},
          {"memory_clock_MHz", d.memory_clock_MHz},
          {"memory_bytes", d.memory_bytes},
          {"free_bytes", d.free_bytes},
          {"l2_bytes", d.l2_bytes},
          {"shared_bytes", d.shared_bytes},
          {"driver_version", d.driver_version},
          {"runtime_version", d.runtime_version}};
}

Json json_of(const Answer& answer) {
  Json figures = Json::array();
  for (const Figure& figure : answer.figures) {
    Json where = Json::object();
    for (const auto& [key, place] : figure.where) where[key] = place;
    figures.push_back({{"name", figure.name},
                       {"where", where},
                       {"unit", figure.unit},
                       {"min", figure.value.min},
                       {"median", figure.value.median},
                       {"max", figure.value.max}});
  }
  return {{"name", answer.name},
          {"question", answer.question},
          {"figures", figures},
          {"left_out", answer.left_out}};
}

Json json_of(const Limits& l, const std::vector<Prediction>& predictions) {
  Json list = Json::array();
  for (const Prediction& p : predictions)
    list.push_back({{"name", p.name},
                    {"formula", p.formula},
                    {"step_us", p.step_us},
                    {"real_time_factor", p.real_time_factor}});
  return {{"barrier_us", l.barrier_us},
          {"kernel_us", l.kernel_us},
          {"rows_us", l.rows_us},
          {"shared_adds_per_us", l.shared_adds_per_us},
          {"global_adds_per_us", l.global_adds_per_us},
          {"shared_bytes_per_us", l.shared_bytes_per_us},
          {"global_bytes_per_us", l.global_bytes_per_us},
          {"steps", list}};
}

}  // namespace sharpwave::gpu_limits

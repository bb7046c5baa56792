#include "host/service/event_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "host/run/version.hpp"
#include "host/service/api_error.hpp"
#include "host/service/routes.hpp"
#include "host/service/service.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::service {
namespace {

using std::chrono::milliseconds;

}  // namespace

std::vector<ChosenNeuron> neurons_of(const std::string& text) {
  std::vector<ChosenNeuron> neurons;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    const std::size_t colon = one.rfind(':');
    ChosenNeuron neuron;
    bool is_sound = colon != std::string_view::npos && colon > 0 && neurons.size() < LiveRun::kMostNeurons;
    if (is_sound) {
      neuron.population = one.substr(0, colon);
      const std::string_view index = one.substr(colon + 1);
      const auto [end, status] = std::from_chars(index.data(), index.data() + index.size(), neuron.index);
      is_sound = status == std::errc() && end == index.data() + index.size();
    }
    if (!is_sound)
      throw ApiError({.status = 400,
                      .kind = "invalid",
                      .family = Family::range,
                      .message = "neurons: they are not such",
                      .expected = fmt::format("at most {} of population:index, with commas between them",
                                              LiveRun::kMostNeurons)});
    neurons.push_back(std::move(neuron));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return neurons;
}

EventStream::EventStream(Service& service, Options options)
    : service_(service),
      options_(std::move(options)),
      column_ms_(static_cast<std::uint64_t>(
          std::max(1., std::ceil(options_.window_ms / static_cast<double>(options_.pixels))))) {}

void EventStream::add(const char* event, const Json& data) {
  text_ += fmt::format("event: {}\ndata: {}\n\n", event,
                       data.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool EventStream::is_due(const char* name, milliseconds every) {
  Clock::time_point& last = last_[name];
  const Clock::time_point now = Clock::now();
  if (now - last < every) return false;
  last = now;
  return true;
}

void EventStream::add_if_changed(const char* event, const Json& data) {
  std::string text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string& sent = sent_[event];
  if (text == sent) return;
  sent = std::move(text);
  add(event, data);
}

std::optional<std::string> EventStream::next() {
  text_.clear();
  if (!has_begun_)
    add("hello", {{"version", version()},
                  {"window_ms", options_.window_ms},
                  {"pixels", options_.pixels},
                  {"column_ms", column_ms_}});
  has_begun_ = true;
  if (sent_.contains("bye")) return std::nullopt;
  if (service_.is_draining()) {
    add_if_changed("bye", Json::object());
    return text_;
  }
  add_run();
  add_columns();
  add_traces();
  add_levels_and_weights();
  if (is_due("memory", milliseconds(1000))) add_memory();
  if (is_due("latency", milliseconds(2000))) {
    Json latency = Json::array();
    for (const OperationLog::Latency& l : service_.memory().operations().latency(std::chrono::seconds(60)))
      latency.push_back({{"operation", name_of(l.operation)},
                         {"n", l.n},
                         {"p50_ms", 1000 * l.p50_s},
                         {"p95_ms", 1000 * l.p95_s},
                         {"p99_ms", 1000 * l.p99_s}});
    add_if_changed("latency", latency);
    Json alerts = Json::array();
    for (const Service::Alert& alert : service_.alerts())
      alerts.push_back({{"name", alert.name},
                        {"severity", alert.severity},
                        {"text", alert.text},
                        {"runbook", alert.runbook}});
    add_if_changed("alerts", alerts);
  }
  if (!text_.empty()) last_sign_ = Clock::now();
  if (text_.empty() && Clock::now() - last_sign_ > std::chrono::seconds(10)) {
    last_sign_ = Clock::now();
    return ": still here\n\n";  // so that what stands between does not take it for dead
  }
  return text_;
}

void EventStream::add_run() {
  const std::optional<std::string> running = service_.runs().running();
  const std::string shown = running ? *running : service_.live().id();
  add_if_changed("run", shown.empty() ? Json(nullptr) : service_.runs().json(shown, false));
  const std::string id = service_.live().id();
  if (id == run_) return;
  run_ = id;
  next_column_ = 0;
  sent_until_ms_.clear();
  Json populations = Json::array();
  for (const LiveRun::Population& p : service_.live().populations())
    populations.push_back({{"name", p.name}, {"size", p.size}, {"rows", p.rows}});
  add("network", {{"populations", std::move(populations)}});
}

void EventStream::add_columns() {
  std::uint64_t first_ms = next_column_ * column_ms_;
  const std::vector<LiveRun::Column> all = service_.live().columns(first_ms);
  const std::uint64_t end_ms = first_ms + all.size();
  std::uint64_t first = (first_ms + column_ms_ - 1) / column_ms_;
  const std::uint64_t end = end_ms / column_ms_;
  if (end <= first) return;
  if (end - first > options_.pixels) first = end - options_.pixels;
  const std::vector<LiveRun::Population> populations = service_.live().populations();
  Json rows = Json::array();
  Json rates = Json::array();
  for (std::uint64_t column = first; column < end; ++column) {
    std::array<std::uint64_t, LiveRun::kRows / 64> hit{};
    std::vector<double> spikes(populations.size());
    for (std::uint64_t ms = column * column_ms_; ms < (column + 1) * column_ms_; ++ms) {
      const LiveRun::Column& one = all[ms - first_ms];
      for (std::size_t i = 0; i < hit.size(); ++i) hit[i] |= one.rows[i];
      for (std::size_t p = 0; p < std::min(spikes.size(), one.spikes.size()); ++p) spikes[p] += one.spikes[p];
    }
    Json fired = Json::array();
    for (std::size_t i = 0; i < hit.size(); ++i)
      for (std::uint64_t bits = hit[i]; bits != 0; bits &= bits - 1)
        fired.push_back(64 * i + static_cast<std::size_t>(std::countr_zero(bits)));
    rows.push_back(std::move(fired));
    Json of_populations = Json::array();
    for (std::size_t p = 0; p < populations.size(); ++p)
      of_populations.push_back(spikes[p] * 1000 / static_cast<double>(column_ms_) /
                               static_cast<double>(populations[p].size));
    rates.push_back(std::move(of_populations));
  }
  next_column_ = end;
  add("raster", {{"first_column", first}, {"columns", std::move(rows)}});
  add("rates", {{"first_column", first}, {"columns", std::move(rates)}});
}

void EventStream::add_traces() {
  if (options_.neurons.empty() || !service_.live().choose(options_.neurons)) return;
  Json neurons = Json::array();
  double begin_ms = 0;
  double step_ms = 0;
  for (const ChosenNeuron& neuron : options_.neurons) {
    double& until_ms = sent_until_ms_.try_emplace(neuron, -1).first->second;
    const std::optional<LiveRun::Trace> trace = service_.live().trace(neuron, until_ms);
    if (!trace || trace->V_mV.empty()) continue;
    const std::size_t stride = trace->V_mV.size() / options_.pixels + 1;
    Json values = Json::array();
    for (std::size_t i = 0; i < trace->V_mV.size(); i += stride)
      values.push_back(finite_json(trace->V_mV[i]));
    begin_ms = trace->begin_ms;
    step_ms = trace->step_ms * static_cast<double>(stride);
    until_ms = trace->begin_ms + trace->step_ms * static_cast<double>(trace->V_mV.size() - 1);
    neurons.push_back(
        {{"population", neuron.population}, {"index", neuron.index}, {"V_mV", std::move(values)}});
  }
  if (!neurons.empty())
    add("traces", {{"begin_ms", begin_ms}, {"step_ms", step_ms}, {"neurons", std::move(neurons)}});
}

void EventStream::add_levels_and_weights() {
  Json regions = Json::array();
  for (const LiveRun::Levels& levels : service_.live().levels()) {
    Json region = {{"name", levels.region}};
    for (std::size_t m = 0; m < kModulators; ++m)
      if (levels.levels[m]) region[name_of(static_cast<Modulator>(m))] = finite_json(*levels.levels[m]);
    regions.push_back(std::move(region));
  }
  if (!regions.empty() && service_.live().is_running())
    add("modulators", {{"time_ms", service_.live().time_ms()}, {"regions", std::move(regions)}});
  if (!is_due("weights", milliseconds(2000))) return;
  for (const PlasticityMetrics& metrics : service_.live().weights())
    add("weights", {{"projection", metrics.projection},
                    {"min", metrics.w_min},
                    {"max", metrics.w_max},
                    {"histogram", metrics.histogram},
                    {"mean", finite_json(metrics.mean_weight)}});
}

void EventStream::add_memory() {
  const std::string name = options_.space.empty() ? std::string(memory::kDefaultSpace) : options_.space;
  const std::vector<std::string> open = service_.memory().store().open_spaces();
  if (std::ranges::find(open, name) == open.end()) return;
  const memory::SpaceStatus status = status_of(*service_.memory().store().space(name));
  const SignalCounts& signals = service_.signals();
  add_if_changed("memory", {{"space", name},
                            {"items", status.n_items},
                            {"by_band", bands_json(status)},
                            {"kappa", status.kappa},
                            {"mean_kappa", status.n_items > 0 ? Json(status.mean_kappa) : Json(nullptr)},
                            {"cycle", status.cycle},
                            {"signals_taken", signals.taken.load()},
                            {"signals_held", signals.held.load()},
                            {"signals_refused", signals.refused.load()}});
}

}  // namespace sharpwave::service

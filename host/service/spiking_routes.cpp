#include <fmt/format.h>

#include <cmath>
#include <thread>

#include "host/service/api_error.hpp"
#include "host/service/event_stream.hpp"
#include "host/service/parameters.hpp"
#include "host/service/routes.hpp"
#include "host/service/service.hpp"

namespace sharpwave::service {
namespace {

[[noreturn]] void nothing_runs() {
  throw ApiError({.status = 409,
                  .kind = "nothing_runs",
                  .family = Family::resource,
                  .message = "no simulation is under way, or it has no such part",
                  .to_do = "POST /api/v1/runs queues one"});
}

Response spiking_stats(Service& service, const Request&) {
  const LiveRun& live = service.live();
  Json rates = Json::array();
  for (const auto& [population, rate_Hz] : live.rates())
    rates.push_back({{"population", population}, {"rate_Hz", finite_json(rate_Hz)}});
  const RunQueue::Figures figures = service.runs().figures();
  return response_of(Json{{"run", live.id().empty() ? Json(nullptr) : Json(live.id())},
                          {"running", live.is_running()},
                          {"time_ms", live.time_ms()},
                          {"spikes_of_this_process", figures.spikes},
                          {"rates", std::move(rates)},
                          {"findings", figures.findings}});
}

Response neuromodulators(Service& service, const Request&) {
  Json regions = Json::array();
  for (const LiveRun::Levels& levels : service.live().levels()) {
    Json region = {{"name", levels.region}};
    for (std::size_t m = 0; m < kModulators; ++m)
      if (levels.levels[m]) region[name_of(static_cast<Modulator>(m))] = finite_json(*levels.levels[m]);
    regions.push_back(std::move(region));
  }
  return response_of(Json{{"time_ms", service.live().time_ms()}, {"regions", std::move(regions)}});
}

Response trace(Service& service, const Request& request) {
  Body body(request);
  std::string neurons;
  for (const std::string& one : body.texts("neurons", LiveRun::kMostNeurons))
    neurons += (neurons.empty() ? "" : ",") + one;
  body.expect_all_read();
  const std::vector<ChosenNeuron> chosen = neurons_of(neurons);
  if (chosen.empty() || !service.live().choose(chosen)) nothing_runs();
  return response_of(Json{{"traced", chosen.size()}}, 202);
}

/// Waits for samples of a neuron, from now on.
Response trace_membrane(Service& service, const Request& request) {
  constexpr std::chrono::seconds kPatience{10};
  Body body(request);
  const ChosenNeuron neuron{
      .population = body.text("population", "", 200),
      .index = static_cast<std::uint32_t>(body.whole_number("index", 0, 0, 0xffffffff))};
  const double duration_ms = body.number("duration_ms", 100, 1, 10'000);
  body.expect_all_read();
  const double begin_ms = service.live().time_ms();
  if (!service.live().choose({neuron})) nothing_runs();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (service.live().is_running() && service.live().time_ms() < begin_ms + duration_ms &&
         std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const std::optional<LiveRun::Trace> trace = service.live().trace(neuron, begin_ms);
  if (!trace) nothing_runs();
  Json values = Json::array();
  const auto n = static_cast<std::size_t>(std::ceil(duration_ms / trace->step_ms));
  for (std::size_t i = 0; i < std::min(n, trace->V_mV.size()); ++i)
    values.push_back(finite_json(trace->V_mV[i]));
  return response_of(Json{{"population", neuron.population},
                          {"index", neuron.index},
                          {"begin_ms", trace->begin_ms},
                          {"step_ms", trace->step_ms},
                          {"V_mV", std::move(values)}});
}

Response inject(Service& service, const Request& request) {
  Body body(request);
  const std::string region = body.text("region", "", 200);
  const double reward = body.number("reward", 0, -1000, 1000);
  body.expect_all_read();
  if (!service.live().give_reward(region, reward)) nothing_runs();
  return response_of(Json{{"region", region}, {"reward", reward}}, 202);
}

Response stdp_metrics(Service& service, const Request&) {
  Json projections = Json::array();
  for (const PlasticityMetrics& m : service.live().weights())
    projections.push_back({{"projection", m.projection},
                           {"synapses", m.synapses},
                           {"updates", m.updates},
                           {"potentiations", m.potentiations},
                           {"depressions", m.depressions},
                           {"mean_change", finite_json(m.mean_change)},
                           {"mean_weight", finite_json(m.mean_weight)},
                           {"share_at_min", finite_json(m.share_at_min)},
                           {"share_at_max", finite_json(m.share_at_max)},
                           {"unchanged_for_ms", finite_json(m.unchanged_for_ms)},
                           {"w_min", m.w_min},
                           {"w_max", m.w_max},
                           {"histogram", m.histogram}});
  return response_of(Json{{"projections", std::move(projections)}});
}

}  // namespace

std::vector<Route> spiking_routes() {
  return {
      {Method::get,
       "/spiking/stats",
       Access::reader,
       true,
       "rates over the last 100 ms",
       "SpikingStats",
       {},
       {},
       spiking_stats},
      {Method::get,
       "/spiking/neuromodulators",
       Access::reader,
       true,
       "levels, at most 200 ms old",
       "Neuromodulators",
       {},
       {},
       neuromodulators},
      {Method::post,
       "/spiking/trace",
       Access::admin,
       true,
       "potentials of these neurons are sampled from now on",
       "Traced",
       {},
       {{"neurons", "array of string", "population:index", true}},
       trace},
      {Method::post,
       "/spiking/trace-membrane",
       Access::admin,
       false,
       "the potential of a neuron from now on",
       "MembraneTrace",
       {},
       {{"population", "string", "its name", true},
        {"index", "integer", "within it"},
        {"duration_ms", "number", "1 to 10000"}},
       trace_membrane},
      {Method::post,
       "/spiking/inject-neuromod",
       Access::admin,
       true,
       "gives a region a reward with the next block; the run is another one then",
       "Injected",
       {},
       {{"region", "string", "its name", true}, {"reward", "number", "-1000 to 1000", true}},
       inject},
      {Method::get,
       "/learning/stdp-metrics",
       Access::reader,
       true,
       "what learning has come to, at most two seconds old; the first answer may be empty",
       "StdpMetrics",
       {},
       {},
       stdp_metrics},
  };
}

}  // namespace sharpwave::service

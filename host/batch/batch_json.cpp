#include "host/batch/batch_json.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "host/io/atomic_file.hpp"
#include "host/io/json_place.hpp"
#include "host/io/text_file.hpp"
#include "host/watchdog/finding.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::uint64_t kMostUnsigned = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kMostCount = 1'000'000'000;
constexpr std::uint64_t kLargestFile = std::uint64_t{4} << 30;

constexpr std::array<std::pair<InstanceStatus, const char*>, 6> kStatusNames = {{
    {InstanceStatus::not_begun, "not begun"},
    {InstanceStatus::running, "running"},
    {InstanceStatus::done, "done"},
    {InstanceStatus::failed, "failed"},
    {InstanceStatus::halted, "halted"},
    {InstanceStatus::interrupted, "interrupted"},
}};

std::string name_of(InstanceStatus status) {
  for (const auto& [known, name] : kStatusNames)
    if (known == status) return name;
  return {};
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

double read_number(const JsonPlace& place) {
  return place.value.is_null() ? std::numeric_limits<double>::quiet_NaN() : place.number();
}

template <class Read>
auto read_list(const JsonPlace& list, Read read) {
  std::vector<decltype(read(list))> values;
  for (std::size_t i = 0; i < list.size(); ++i) values.push_back(read(list[i]));
  return values;
}

std::vector<std::string> read_texts(const JsonPlace& list) {
  return read_list(list, [](const JsonPlace& place) { return place.text(); });
}

int read_int(const JsonPlace& place) {
  return static_cast<int>(place.unsigned_up_to(kMostCount));
}

double total_wall_s(const BatchRecord& batch) {
  double total = 0;
  for (const BatchInstance& instance : batch.instances)
    if (std::isfinite(instance.wall_s)) total += instance.wall_s;
  return total;
}

Json to_json(const BatchInstance& instance, double total_wall_s) {
  Json varied = Json::array();
  for (const auto& [key, value] : instance.varied) varied.push_back({{"key", key}, {"value", value}});
  Json populations = Json::array();
  for (const auto& p : instance.populations)
    populations.push_back({{"name", p.name}, {"spikes", p.spikes}, {"rate_Hz", number(p.rate_Hz)}});
  Json json;
  json["name"] = instance.name;
  json["seed"] = instance.seed;
  json["varied"] = std::move(varied);
  json["overrides"] = instance.overrides;
  json["config_digest"] = instance.config_digest;
  json["group"] = instance.group;
  json["planned_ms"] = number(instance.planned_ms);
  json["status"] = name_of(instance.status);
  json["code"] = static_cast<int>(instance.code);
  json["message"] = instance.message;
  json["simulated_ms"] = number(instance.simulated_ms);
  json["wall_s"] = number(instance.wall_s);
  json["wall_share"] = total_wall_s > 0 ? number(instance.wall_s / total_wall_s) : Json(nullptr);
  json["spikes_total"] = instance.spikes_total;
  json["spike_digest"] = instance.spike_digest;
  json["populations"] = std::move(populations);
  json["repairs"] = instance.repairs;
  json["weight_gain"] = number(instance.weight_gain);
  json["input_gain"] = number(instance.input_gain);
  return json;
}

Json to_json(const BatchGroup& group) {
  Json json;
  json["instances"] = group.n_instances;
  json["workers"] = group.workers;
  json["threads_each"] = group.threads_each;
  json["synapses"] = number(group.n_synapses);
  json["synapse_bytes"] = group.synapse_bytes;
  json["transient_bytes"] = group.transient_bytes;
  json["shared_bytes"] = group.shared_bytes;
  json["state_bytes"] = group.state_bytes;
  json["peak_bytes"] = group.peak_bytes();
  json["host_bytes"] = group.host_bytes;
  json["construction_s"] = number(group.construction_s);
  return json;
}

InstanceStatus read_status(const JsonPlace& place) {
  const std::string text = place.text();
  for (const auto& [status, name] : kStatusNames)
    if (text == name) return status;
  place.fail("the status of an instance");
}

ExitCode read_code(const JsonPlace& place) {
  const std::uint64_t value = place.unsigned_up_to(255);
  for (const ExitCode code : kExitCodes)
    if (static_cast<std::uint64_t>(code) == value) return code;
  place.fail("an exit code");
}

BatchInstance read_instance(const JsonPlace& place, std::size_t n_groups) {
  BatchInstance instance;
  instance.name = place["name"].text();
  const bool is_number = !instance.name.empty() && instance.name.size() <= 9 &&
                         instance.name.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) place["name"].fail("the number of an instance");  // it becomes the name of a folder
  instance.seed = place["seed"].unsigned_up_to(kMostUnsigned);
  const JsonPlace varied = place["varied"];
  for (std::size_t i = 0; i < varied.size(); ++i)
    instance.varied.emplace_back(varied[i]["key"].text(), varied[i]["value"].text());
  instance.overrides = read_texts(place["overrides"]);
  instance.config_digest = place["config_digest"].text();
  instance.group = place["group"].unsigned_up_to(n_groups - 1);
  instance.planned_ms = read_number(place["planned_ms"]);
  instance.status = read_status(place["status"]);
  instance.code = read_code(place["code"]);
  if (instance.status == InstanceStatus::halted && !is_of_watchdog(instance.code))
    place["code"].fail("8, 13 or 14, with which the watchdog halts");
  if (instance.status == InstanceStatus::failed && instance.code == ExitCode::ok)
    place["code"].fail("the exit code of a failure");
  instance.message = place["message"].text();
  instance.simulated_ms = read_number(place["simulated_ms"]);
  instance.wall_s = read_number(place["wall_s"]);
  instance.spikes_total = place["spikes_total"].unsigned_up_to(kMostUnsigned);
  instance.spike_digest = place["spike_digest"].text();
  instance.populations = read_list(place["populations"], [](const JsonPlace& p) {
    return BatchInstance::Population{.name = p["name"].text(),
                                     .spikes = p["spikes"].unsigned_up_to(kMostUnsigned),
                                     .rate_Hz = read_number(p["rate_Hz"])};
  });
  instance.repairs = place["repairs"].unsigned_up_to(kMostUnsigned);
  instance.weight_gain = read_number(place["weight_gain"]);
  instance.input_gain = read_number(place["input_gain"]);
  return instance;
}

BatchGroup read_group(const JsonPlace& place) {
  BatchGroup group;
  group.n_instances = place["instances"].unsigned_up_to(kMostCount);
  group.workers = read_int(place["workers"]);
  group.threads_each = read_int(place["threads_each"]);
  group.n_synapses = read_number(place["synapses"]);
  group.synapse_bytes = place["synapse_bytes"].unsigned_up_to(kMostUnsigned);
  group.transient_bytes = place["transient_bytes"].unsigned_up_to(kMostUnsigned);
  group.shared_bytes = place["shared_bytes"].unsigned_up_to(kMostUnsigned);
  group.state_bytes = place["state_bytes"].unsigned_up_to(kMostUnsigned);
  group.host_bytes = place["host_bytes"].unsigned_up_to(kMostUnsigned);
  group.construction_s = read_number(place["construction_s"]);
  return group;
}

}  // namespace

Json to_json(const BatchRecord& batch) {
  Json json;
  json["format"] = kFormat;
  json["version"] = batch.version;
  json["title"] = batch.title;
  json["config_path"] = batch.config_path;
  json["overrides"] = batch.overrides;
  json["device"] = batch.device;
  json["threads"] = batch.threads;
  json["on_failure"] = batch.stop_on_failure ? "stop" : "continue";
  json["wall_s"] = number(batch.wall_s);
  double simulated_ms = 0;
  std::uint64_t spikes = 0;
  for (const BatchInstance& instance : batch.instances) {
    simulated_ms += instance.simulated_ms;
    spikes += instance.spikes_total;
  }
  json["simulated_ms"] = number(simulated_ms);
  json["spikes_total"] = spikes;
  Json counts;
  for (const auto& [status, name] : kStatusNames) counts[name] = batch.count(status);
  json["counts"] = std::move(counts);
  json["groups"] = Json::array();
  for (const BatchGroup& group : batch.groups) json["groups"].push_back(to_json(group));
  json["instances"] = Json::array();
  const double total = total_wall_s(batch);
  for (const BatchInstance& instance : batch.instances) json["instances"].push_back(to_json(instance, total));
  json["config"] = batch.config;
  return json;
}

std::string to_json_text(const BatchRecord& batch) {
  return to_json(batch).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_batch_json(const std::filesystem::path& directory, const BatchRecord& batch) {
  write_file_atomically(directory / kBatchFile, to_json_text(batch));
}

BatchRecord read_batch_json(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kBatchFile;
  const Json json = parse_json(read_text_file(path, kLargestFile), path.string());
  const JsonPlace place{.value = json, .file = path.string()};
  if (place["format"].unsigned_up_to(kMostUnsigned) != kFormat) place["format"].fail("1");
  BatchRecord batch;
  batch.version = place["version"].text();
  batch.title = place["title"].text();
  batch.config_path = place["config_path"].text();
  batch.overrides = read_texts(place["overrides"]);
  batch.device = place["device"].text();
  batch.threads = read_int(place["threads"]);
  batch.stop_on_failure = place["on_failure"].text() == "stop";
  batch.wall_s = read_number(place["wall_s"]);
  batch.groups = read_list(place["groups"], read_group);
  if (batch.groups.empty()) place["groups"].fail("at least one");
  batch.instances = read_list(place["instances"], [&](const JsonPlace& instance) {
    return read_instance(instance, batch.groups.size());
  });
  if (batch.instances.empty()) place["instances"].fail("at least one");
  batch.config = place["config"].text();
  return batch;
}

}  // namespace sharpwave

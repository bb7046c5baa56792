// A plugin that does what a test asks of it: `options` say when it fails and how slow it is. It answers by
// what it has been told so far, so that a coupled run shows whether that came back.
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "memory_store/consolidation_plugin.h"

namespace {

struct TestPlugin {
  nlohmann::json options;
  std::string log;  ///< file with a line for each signal that was taken
  std::uint64_t taken = 0;
  double sum = 0;  ///< of all embeddings' first values: its memory
  std::uint64_t flushed = 0;
  std::vector<float> replays;
  std::string status;
};

int say(sharpwave_plugin_message* why_not, int result, const std::string& why) {
  const std::size_t n = std::min(why.size(), why_not->size - 1);
  std::memcpy(why_not->text, why.data(), n);
  why_not->text[n] = '\0';
  return result;
}

int fail(const TestPlugin& self, const char* where, sharpwave_plugin_message* why_not) {
  if (self.options.value("fail", "") != where) return 0;
  return say(why_not, self.options.value("result", 2), std::string("the test wants ") + where + " to fail");
}

int check(const sharpwave_plugin_setup* setup, sharpwave_plugin_message* why_not) {
  const TestPlugin plugin{.options = nlohmann::json::parse(setup->options)};
  return fail(plugin, "check", why_not);
}

int open_it(const sharpwave_plugin_setup* setup, void** self, sharpwave_plugin_message* why_not) {
  auto* plugin = new TestPlugin;
  plugin->options = nlohmann::json::parse(setup->options);
  plugin->log = std::string(setup->run_folder) + "/told.txt";
  if (const int result = fail(*plugin, "open", why_not)) {
    delete plugin;
    return result;
  }
  if (setup->snapshot != nullptr)
    std::ifstream(std::string(setup->snapshot) + "/sum") >> plugin->taken >> plugin->sum;
  std::ofstream(plugin->log, std::ios::app)
      << "open branch " << setup->branch << " instance " << setup->instance
      << (setup->is_coupled ? " coupled" : "") << (setup->snapshot != nullptr ? " snapshot" : "") << "\n";
  *self = plugin;
  return 0;
}

int take(void* self, const sharpwave_signal* signal, sharpwave_answer* answer,
         sharpwave_plugin_message* why_not) {
  auto& plugin = *static_cast<TestPlugin*>(self);
  if (plugin.taken >= plugin.options.value("after", std::uint64_t{0}))
    if (const int result = fail(plugin, "take", why_not)) return result;
  std::this_thread::sleep_for(std::chrono::milliseconds(plugin.options.value("sleep_ms", 0)));
  ++plugin.taken;
  std::ofstream(plugin.log, std::ios::app)
      << signal->population << " " << signal->number << " " << signal->label << "\n";
  if (answer == nullptr) return 0;
  plugin.sum += signal->embedding[0];
  answer->novelty = plugin.options.value("answer", "") == "nan"
                        ? 0.0 / 0.0
                        : 1 - std::abs(plugin.sum) / (1 + static_cast<double>(plugin.taken));
  if (plugin.taken % 3 != 0) return 0;
  plugin.replays.assign(signal->embedding, signal->embedding + signal->dimension);
  plugin.replays[0] = static_cast<float>(plugin.sum);
  answer->n_replays = 1;
  answer->replays = plugin.replays.data();
  return 0;
}

int flush(void* self, sharpwave_plugin_message* why_not) {
  auto& plugin = *static_cast<TestPlugin*>(self);
  ++plugin.flushed;
  return fail(plugin, "flush", why_not);
}

int snapshot(void* self, const char* folder, sharpwave_plugin_message* why_not) {
  auto& plugin = *static_cast<TestPlugin*>(self);
  if (!std::filesystem::create_directory(folder)) return say(why_not, 2, "the folder is there");
  std::ofstream file(std::string(folder) + "/sum");
  file.precision(17);
  file << plugin.taken << " " << plugin.sum << "\n";
  return fail(plugin, "snapshot", why_not);
}

const char* status(void* self) {
  auto& plugin = *static_cast<TestPlugin*>(self);
  plugin.status = nlohmann::json{{"taken", plugin.taken}, {"flushed", plugin.flushed}}.dump();
  if (plugin.options.value("fail", "") == "status") plugin.status = "[";
  return plugin.status.c_str();
}

void close_it(void* self) {
  delete static_cast<TestPlugin*>(self);
}

constexpr sharpwave_plugin kPlugin{
    SHARPWAVE_PLUGIN_VERSION, "test", open_it, take, flush, snapshot, status, close_it, check};

}  // namespace

extern "C" const sharpwave_plugin* sharpwave_consolidation_plugin() {
  return &kPlugin;
}

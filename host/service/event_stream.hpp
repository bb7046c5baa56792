// The stream of server-sent events of one who looks (docs/formats/http.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/base/json.hpp"
#include "host/service/live_run.hpp"

namespace sharpwave::service {

class Service;

/// "E:0,I:7". @throws ApiError(400) for anything else, and for more than LiveRun::kMostNeurons.
[[nodiscard]] std::vector<ChosenNeuron> neurons_of(const std::string& text);

class EventStream {
 public:
  struct Options {
    std::uint64_t pixels = 800;
    double window_ms = 1000;
    std::vector<ChosenNeuron> neurons{};
    std::string space{};
  };
  EventStream(Service& service, Options options);

  /// What has to be sent now, maybe nothing; none after "bye". It waits for no disk.
  [[nodiscard]] std::optional<std::string> next();

 private:
  using Clock = std::chrono::steady_clock;
  void add(const char* event, const Json& data);
  /// Whether that long has passed since it was last true under this name.
  [[nodiscard]] bool is_due(const char* name, std::chrono::milliseconds every);
  void add_if_changed(const char* event, const Json& data);
  void add_run();
  void add_columns();
  void add_traces();
  void add_levels_and_weights();
  void add_memory();

  Service& service_;
  Options options_;
  std::uint64_t column_ms_;
  std::string text_;
  bool has_begun_ = false;
  std::string run_;  ///< whose columns are sent
  std::uint64_t next_column_ = 0;
  std::map<ChosenNeuron, double> sent_until_ms_;
  std::map<std::string, Clock::time_point> last_;
  std::map<std::string, std::string> sent_;
  Clock::time_point last_sign_{};
};

}  // namespace sharpwave::service

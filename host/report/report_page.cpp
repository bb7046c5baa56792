#include "host/report/report_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "host/analysis/recorded_run.hpp"
#include "host/analysis/statistics_json.hpp"
#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/markup.hpp"
#include "host/report/embedded_page.hpp"
#include "host/report/learning_data.hpp"
#include "host/report/memory_data.hpp"
#include "host/report/protocol_data.hpp"
#include "host/report/raster_data.hpp"
#include "host/report/trace_data.hpp"
#include "host/report/watchdog_data.hpp"

namespace sharpwave::report {
namespace {

// What a page holds, all runs together, so that it stays below 5 MB: in text, 10.7 bytes a spike, 5.4 a value
// of a trace, up to 19 kB a population, 1.2 kB a connection.
constexpr std::uint64_t kMostRasterSpikes = 170'000;
constexpr std::uint64_t kMostTraceValues = 220'000;
constexpr std::size_t kMostPopulations = 60;
constexpr std::size_t kMostConnections = 400;
constexpr std::size_t kMostConfigBytes = 100'000;
constexpr std::size_t kMostHistories = 4;  // 20,000 spikes each, at most
// Likewise: up to 60 kB a plastic projection, 150 kB a list of weights, 20 kB a region.
constexpr LearningLimits kMostLearning;
constexpr std::size_t kMostFields = 400;  // 2.1 kB each, of 28 x 28 pixels
constexpr MemoryLimits kMostMemory;       // 50 kB a space, 50 bytes a ripple

/// Six digits are more than a screen shows.
void round_numbers(Json& json) {
  if (json.is_number_float()) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", json.get<double>());
    json = std::strtod(text, nullptr);
  } else if (json.is_structured()) {
    for (Json& value : json) round_numbers(value);
  }
}

class RunData {
 public:
  RunData(const std::filesystem::path& directory, std::string name, std::size_t n_runs)
      : run_(analysis::read_run(directory)), name_(std::move(name)), n_runs_(n_runs) {}

  [[nodiscard]] Json json() {
    read_traces();
    Json raster = read_spikes();
    Json statistics = {{"start_ms", run_.start_ms()}, {"stop_ms", run_.stop_ms()}};
    statistics["populations"] = std::move(populations_);
    statistics["connections"] = connections();
    round_numbers(statistics);
    Json traces = Json::array();
    for (const TraceData& trace : traces_) traces.push_back(trace.finish(traced_));
    return {{"name", name_},
            {"run", run_.summary},
            {"config", config()},
            {"statistics", std::move(statistics)},
            {"raster", std::move(raster)},
            {"traces", std::move(traces)},
            {"learning", learning("plastic projections", plasticity_data, kMostLearning.projections)},
            {"weights", learning("recorded weights", weights_data, kMostLearning.weight_files)},
            {"neuromodulators", learning("neuromodulators", modulators_data, kMostLearning.regions)},
            {"watchdog", watchdog()},
            {"protocol", protocol()},
            {"memory", memory()},
            {"notes", notes_}};
  }

 private:
  template <class... Words>
  void note(const Words&... words) {
    std::string text;
    (text.append(words), ...);
    notes_.push_back(text);
  }

  void read_traces() {
    const std::vector<std::filesystem::path> files = analysis::report_files(run_);
    for (const std::filesystem::path& file : files) {
      try {
        traces_.emplace_back(run_, file, kMostTraceValues / n_runs_ / files.size());
        traces_.back().want_spikes(traced_);
      } catch (const Error& error) {
        note("A report is not shown: ", error.what());
      }
    }
  }

  [[nodiscard]] Json read_spikes() {
    RasterData raster(run_, kMostRasterSpikes / n_runs_);
    const std::size_t most = std::max<std::size_t>(1, kMostPopulations / n_runs_);
    std::size_t n_recorded = 0;
    for (const analysis::PopulationRecord& population : run_.populations) {
      if (population.recorded == 0) continue;
      if (++n_recorded > most) continue;
      const analysis::Spikes spikes = analysis::read_spikes(run_, population);
      raster.add(population, spikes);
      traced_.add(run_, population, spikes);
      populations_.push_back(analysis::population_statistics_json(run_, population, spikes));
    }
    if (n_recorded == 0) note("No spikes were recorded.");
    if (n_recorded > most)
      note("Of ", std::to_string(n_recorded), " populations the first ", std::to_string(most), " are shown.");
    if (run_.interrupted) note("The run was ended early; this is what was simulated until then.");
    return raster.finish();
  }

  [[nodiscard]] Json connections() {
    const std::size_t most = kMostConnections / n_runs_;
    Json list = run_.connections;
    if (!list.is_array()) {
      note("Connections were not counted; a run without --no-report counts them.");
      return Json::array();
    }
    if (list.size() > most || run_.connections_omitted > 0) {
      note("Of ", std::to_string(list.size() + run_.connections_omitted), " connections ",
           std::to_string(std::min(most, list.size())), " are shown.");
      while (list.size() > most) list.erase(list.size() - 1);
    }
    return list;
  }

  [[nodiscard]] Json watchdog() {
    try {
      return watchdog_data(run_, std::max<std::size_t>(1, kMostHistories / n_runs_));
    } catch (const Error& error) {
      note("What the watchdog found is not shown: ", error.what());
      return {{"total", 0}, {"findings", Json::array()}};
    }
  }

  /// @param read  one of those of learning_data.hpp.
  [[nodiscard]] Json learning(const char* what, Json (*read)(const analysis::RecordedRun&, std::size_t),
                              std::size_t most) {
    const std::size_t shown = std::max<std::size_t>(1, most / n_runs_);
    try {
      Json list = read(run_, shown + 1);
      if (list.size() > shown) {
        note("Of the ", what, " the first ", std::to_string(shown), " are shown.");
        list.erase(list.size() - 1);
      }
      round_numbers(list);
      return list;
    } catch (const Error& error) {
      note("Not shown of the ", what, ": ", error.what());
      return Json::array();
    }
  }

  [[nodiscard]] Json protocol() {
    try {
      Json data = protocol_data(run_, std::max<std::size_t>(1, kMostFields / n_runs_));
      if (!data.is_null() && data["fields"].empty())
        note("No receptive fields are shown: they are of the last sample of record.weights of a projection ",
             "from sources that make a square; there is none.");
      return data;
    } catch (const Error& error) {
      note("Trials are not shown: ", error.what());
      return nullptr;
    }
  }

  [[nodiscard]] Json memory() {
    const std::size_t most_spaces = std::max<std::size_t>(1, kMostMemory.spaces / n_runs_);
    try {
      Json data = memory_data(run_, {.spaces = most_spaces, .ripples = kMostMemory.ripples / n_runs_});
      if (!data.is_null() && data["spaces_total"] > most_spaces)
        note("Of ", data["spaces_total"].dump(), " memory spaces the first ", std::to_string(most_spaces),
             " are shown.");
      return data;
    } catch (const Error& error) {
      note("The memory is not shown: ", error.what());
      return nullptr;
    }
  }

  [[nodiscard]] Json config() {
    if (!run_.config.is_string()) {
      note("The config is not shown: it is not in run.json, or it is too long.");
      return nullptr;
    }
    if (run_.config.get_ref<const std::string&>().size() > kMostConfigBytes / n_runs_) {
      note("The config is not shown: it is too long.");
      return nullptr;
    }
    return run_.config;
  }

  analysis::RecordedRun run_;
  std::string name_;
  std::size_t n_runs_;
  std::vector<TraceData> traces_;
  TracedNeurons traced_;
  Json populations_ = Json::array();
  std::vector<std::string> notes_;
};

/// The names of the directories; with what is above them where two have the same.
std::vector<std::string> names_of(const std::vector<std::filesystem::path>& directories) {
  std::vector<std::string> names;
  std::set<std::string> different;
  for (const std::filesystem::path& directory : directories) {
    const std::filesystem::path path = std::filesystem::absolute(directory / "").lexically_normal();
    names.push_back(path.parent_path().filename().string());
    different.insert(names.back());
  }
  if (different.size() == directories.size()) return names;
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = std::to_string(i + 1) + ": " + directories[i].string();
  return names;
}

/// JSON within a script element: nothing in it may end that.
std::string escaped_for_script(const std::string& json) {
  std::string result;
  result.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      result += "\\u003c";
    else
      result += c;
  }
  return result;
}

std::string page_of(const std::string& title, const std::string& data) {
  const std::pair<std::string_view, std::string_view> parts[] = {{"@REPORT_TITLE@", title},
                                                                 {"@REPORT_STYLE@", kPageStyle},
                                                                 {"@REPORT_DATA@", data},
                                                                 {"@REPORT_SCRIPT@", kPageScript}};
  std::string page;
  std::string_view rest = kPageTemplate;
  for (const auto& [place, text] :
       parts) {  // in the template's order, so that no text is searched for places
    const std::size_t at = rest.find(place);
    SHARPWAVE_ASSERT(at != std::string_view::npos);
    page.append(rest.substr(0, at)).append(text);
    rest.remove_prefix(at + place.size());
  }
  return page.append(rest);
}

}  // namespace

std::string report_page(const std::vector<std::filesystem::path>& directories) {
  SHARPWAVE_ASSERT(!directories.empty() && directories.size() <= kMostRuns);
  const std::vector<std::string> names = names_of(directories);
  std::string title = "Sharpwave: ";
  Json runs = Json::array();
  for (std::size_t i = 0; i < directories.size(); ++i) {
    runs.push_back(RunData(directories[i], names[i], directories.size()).json());
    title += (i > 0 ? ", " : "") + names[i];
  }
  const Json data = {{"format", 1}, {"runs", std::move(runs)}};
  return page_of(escaped_for_markup(title),
                 escaped_for_script(data.dump(-1, ' ', true, Json::error_handler_t::replace)));
}

std::string statistics_text(const std::vector<std::filesystem::path>& directories) {
  Json list = Json::array();
  for (const std::filesystem::path& directory : directories)
    list.push_back(analysis::statistics_json(analysis::read_run(directory)));
  return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::filesystem::path write_report(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "report.html";
  write_file_atomically(file, report_page({directory}));
  return file;
}

}  // namespace sharpwave::report

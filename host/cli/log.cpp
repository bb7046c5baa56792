#include "host/cli/log.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/base/log.hpp"
#include "host/cli/terminal.hpp"
#include "host/config/diagnostic.hpp"
#include "host/io/file_descriptor.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::array kModules{"config", "run",   "checkpoint", "watchdog",
                              "report", "bench", "memory",     "service"};  // indexed by Module

/// What lines of JSON say beside the message.
struct Context {
  std::mutex mutex;
  std::string run_id;
  double simulated_ms = std::numeric_limits<double>::quiet_NaN();
};

Context& context() {
  static Context the_one;
  return the_one;
}

/// docs/formats/log.md
class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto since_1970 = message.time.time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count() % 1000;
    Json json;
    json["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                               fmt::gmtime(spdlog::log_clock::to_time_t(message.time)), ms);
    json["level"] = std::string_view(spdlog::level::to_string_view(message.level).data());
    json["module"] = std::string_view(message.logger_name.data(), message.logger_name.size());
    {
      const std::lock_guard lock(context().mutex);
      json["run_id"] = context().run_id.empty() ? Json() : Json(context().run_id);
      json["simulated_ms"] = std::isnan(context().simulated_ms) ? Json() : Json(context().simulated_ms);
    }
    if (const LogContext& about = log_context(); !about.trace.empty()) {
      json["trace"] = about.trace;
      json["space"] = about.space.empty() ? Json() : Json(about.space);
    }
    json["message"] = std::string_view(message.payload.data(), message.payload.size());
    const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

/// Keeps lines until there is a file for them: a run's directory is its own only after its network is built.
class RunLog final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void close() {
    const std::lock_guard lock(mutex_);
    file_.reset();
    before_.clear();
    waits_ = true;
  }
  void open(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    if (!waits_) return;
    waits_ = false;
    path_ = path;
    file_.emplace(path, O_WRONLY | O_CREAT | O_APPEND);
    for (const std::string& line : before_) append(line);
    before_.clear();
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    if (waits_)
      before_.emplace_back(text.data(), text.size());
    else
      append({text.data(), text.size()});
  }
  void flush_() override {}

 private:
  /// The whole line or nothing: half of one would spoil the next as well.
  void append(std::string_view line) {
    if (!file_->is_open()) return;
    const off_t end = ::lseek(file_->get(), 0, SEEK_END);
    try {
      write_all(*file_, path_, line.data(), line.size());
    } catch (const Error&) {
      if (::ftruncate(file_->get(), end) != 0) return;
    }
  }

  bool waits_ = true;
  std::filesystem::path path_;
  std::optional<FileDescriptor> file_;
  std::vector<std::string> before_;
};

struct Log {
  std::array<std::shared_ptr<spdlog::logger>, kModules.size()> loggers;
  std::array<spdlog::sink_ptr, kModules.size()> on_stderr;
  std::shared_ptr<RunLog> run_log;
  bool is_json = false;  ///< on stderr
};

Log& the_log() {
  static Log log;
  return log;
}

spdlog::level::level_enum level_named(const std::string& name, const std::string& from) {
  const std::vector<std::string> levels{"trace", "debug", "info", "warn", "error", "off"};
  if (std::find(levels.begin(), levels.end(), name) == levels.end())
    throw Error(ExitCode::usage, fmt::format("{}: read {}, expected trace, debug, info, warn, error or off{}",
                                             from, in_quotes(name), perhaps(name, levels)));
  return spdlog::level::from_str(name);
}

/// "warn,run=debug": what stands alone holds for all that are not named.
/// @return whether the text gives the module a level.
std::array<bool, kModules.size()> set_levels(const std::string& text, const std::string& from) {
  std::array<bool, kModules.size()> is_given{};
  const std::vector<std::string> modules(kModules.begin(), kModules.end());
  std::vector<std::pair<std::string, spdlog::level::level_enum>> named;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      for (const auto& logger : the_log().loggers) logger->set_level(level_named(item, from));
      is_given.fill(true);
    } else {
      const std::string module = item.substr(0, equals);
      if (std::find(modules.begin(), modules.end(), module) == modules.end())
        throw Error(ExitCode::usage, fmt::format("{}: read {}, expected config, run, checkpoint, watchdog, "
                                                 "report, bench, memory or service before '='{}",
                                                 from, in_quotes(module), perhaps(module, modules)));
      named.emplace_back(module, level_named(item.substr(equals + 1), from));
    }
    begin = end + 1;
  }
  for (const auto& [module, level] : named) {
    const auto i =
        static_cast<std::size_t>(std::find(modules.begin(), modules.end(), module) - modules.begin());
    the_log().loggers[i]->set_level(level);
    is_given[i] = true;
  }
  return is_given;
}

spdlog::sink_ptr sink_on_stderr(bool is_json) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      wants_colour(stderr) ? spdlog::color_mode::always : spdlog::color_mode::never);
  if (is_json)
    sink->set_formatter(std::make_unique<JsonLines>());
  else
    sink->set_pattern("%T %^%l%$: %v");
  return sink;
}

bool is_json(const std::optional<std::string>& format) {
  if (!format || *format == "text") return false;
  if (*format == "json") return true;
  throw Error(ExitCode::usage, "--log-format: read " + in_quotes(*format) + ", expected text or json" +
                                   perhaps(*format, {"text", "json"}));
}

}  // namespace

spdlog::logger& log_of(Module module) {
  return *the_log().loggers[static_cast<std::size_t>(module)];
}

void set_up_log(const LogOptions& options, const char* otherwise, bool quiet) {
  Log& log = the_log();
  log.is_json = is_json(options.format);
  log.run_log = std::make_shared<RunLog>();
  log.run_log->set_formatter(std::make_unique<JsonLines>());
  for (std::size_t i = 0; i < kModules.size(); ++i) {
    log.on_stderr[i] = sink_on_stderr(log.is_json);
    log.loggers[i] =
        std::make_shared<spdlog::logger>(kModules[i], spdlog::sinks_init_list{log.on_stderr[i], log.run_log});
    spdlog::drop(kModules[i]);
    spdlog::register_logger(log.loggers[i]);  // the engine's library finds it by its name
  }
  const char* variable = std::getenv("SHARPWAVE_LOG_LEVEL");
  const bool from_variable = !options.level && variable != nullptr && *variable != '\0';
  set_levels(otherwise, "");
  std::array<bool, kModules.size()> is_given{};
  if (options.level) is_given = set_levels(*options.level, "--log-level");
  if (from_variable) is_given = set_levels(variable, "SHARPWAVE_LOG_LEVEL");
  for (std::size_t i = 0; i < kModules.size(); ++i)
    if (quiet && !is_given[i]) log.on_stderr[i]->set_level(spdlog::level::warn);
}

bool set_log_level(const std::string& module, const std::string& level) {
  try {
    static_cast<void>(set_levels(module.empty() ? level : module + "=" + level, "level"));
    return true;
  } catch (const Error&) {
    return false;
  }
}

void log_failure(const Error& error) {
  const Log& log = the_log();
  const std::string text = error.what();
  const bool has_place = dynamic_cast<const ConfigError*>(&error) != nullptr;
  if (!log.is_json) {
    fmt::print(stderr, "{}{}\n", has_place ? "" : "sharpwave: ", text);
  }
  if (log.run_log == nullptr) return;
  const auto module = static_cast<std::size_t>(has_place ? Module::config : Module::run);
  const spdlog::details::log_msg line(kModules[module], spdlog::level::err, text);
  if (log.is_json) log.on_stderr[module]->log(line);
  log.run_log->log(line);
}

void begin_log_of(const std::string& run_id) {
  const std::lock_guard lock(context().mutex);
  context().run_id = run_id;
  context().simulated_ms = std::numeric_limits<double>::quiet_NaN();
}

void set_simulated_ms(double time_ms) {
  const std::lock_guard lock(context().mutex);
  context().simulated_ms = time_ms;
}

void end_log() {
  the_log().run_log->close();
}

void log_into(const std::filesystem::path& file) {
  the_log().run_log->open(file);
}

}  // namespace sharpwave::cli

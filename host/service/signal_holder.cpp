#include "host/service/signal_holder.hpp"

#include <deque>
#include <optional>
#include <utility>

#include "host/base/log.hpp"
#include "host/network/memory_spec.hpp"
#include "host/network/step_times.hpp"
#include "host/service/api_error.hpp"
#include "host/service/memory_service.hpp"
#include "host/service/signal_counts.hpp"

namespace sharpwave::service {
namespace {

class SignalHolder final : public SignalTaker {
 public:
  SignalHolder(MemoryService& memory, SignalCounts& counts) : memory_(memory), counts_(counts) {}
  ~SignalHolder() override {
    if (held_.empty()) return;
    counts_.refused += held_.size();
    counts_.held = 0;
    logger_named("memory")->error("{} signals are lost: the storage did not come back in time", held_.size());
  }

  void check(const PluginRun& run) const override {
    static_cast<void>(memory::parse_plugin_options(run.options));
  }

  void open(const PluginRun& run) override { run_ = run; }

  std::optional<Answer> take(const Signal& signal) override {
    if (held_.size() == kMostHeldSignals) {
      if (counts_.refused++ == 0) logger_named("memory")->error("no more signals can be held: they are lost");
      return std::nullopt;
    }
    held_.push_back(signal);
    counts_.held = held_.size();
    hand_on();
    return std::nullopt;
  }

  // A checkpoint of the run does not wait for the storage: what is held is told again where it comes back.
  void flush() override {
    hand_on();
    if (n_handed_ == 0) return;
    try {
      memory_.run(Operation::store, [&] { session().flush(); });
      forget_handed();
    } catch (const std::exception& error) {
      lose_session(error.what());
    }
  }

  void snapshot(const std::filesystem::path&) override {
    throw Error(ExitCode::internal, "a run that is not coupled has no snapshots");
  }

  std::string status() override { return session_ != nullptr ? session_->status() : std::string("{}"); }

 private:
  /// Gives the session what it was not given yet, in order.
  void hand_on() {
    if (is_away_ && std::chrono::steady_clock::now() - away_since_ < std::chrono::seconds(1)) return;
    try {
      while (n_handed_ < held_.size()) {
        memory_.run(Operation::store, [&] { hand(held_[n_handed_]); });
        ++n_handed_;
      }
      is_away_ = false;
      constexpr std::size_t kFlushed = 256;
      if (n_handed_ >= kFlushed) {
        memory_.run(Operation::store, [&] { session().flush(); });
        forget_handed();
      }
    } catch (const std::exception& error) {
      lose_session(error.what());
    }
  }

  void hand(const Signal& signal) {
    const sharpwave_signal given = with_signal(signal);
    session().take(given, nullptr);
    if (const std::string warning = session().take_warning(); !warning.empty())
      logger_named("memory")->warn("{}", warning);
  }

  [[nodiscard]] sharpwave_signal with_signal(const Signal& signal) const {
    return plugin_signal(run_, signal);
  }

  memory::Session& session() {
    if (session_ == nullptr)
      with_plugin_setup(run_, [&](const sharpwave_plugin_setup& setup) {
        session_ = std::make_unique<memory::Session>(setup, memory_);
      });
    return *session_;
  }

  // Whatever it had not written is told again to the next one; what it had is known there already.
  void lose_session(const char* why) {
    session_.reset();
    n_handed_ = 0;
    if (!is_away_) logger_named("memory")->error("signals are held until the storage is back: {}", why);
    is_away_ = true;
    away_since_ = std::chrono::steady_clock::now();
  }

  void forget_handed() {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(n_handed_));
    counts_.taken += n_handed_;
    counts_.held = held_.size();
    n_handed_ = 0;
  }

  MemoryService& memory_;
  SignalCounts& counts_;
  PluginRun run_;
  std::unique_ptr<memory::Session> session_;
  std::deque<Signal>
      held_;  ///< oldest first; the first `n_handed_` are with the session, and not on the disk
  std::size_t n_handed_ = 0;
  bool is_away_ = false;
  std::chrono::steady_clock::time_point away_since_{};
};

bool is_shared(const ModelSpec& spec) {
  if (spec.memory->plugin != "memory" || spec.memory->coupling) return false;
  return memory::parse_plugin_options(spec.memory->options).clock == memory::CycleClock::wall;
}

}  // namespace

std::unique_ptr<SignalTaker> make_signal_taker(const ModelSpec& spec, MemoryService& memory,
                                               SignalCounts& counts) {
  if (is_shared(spec)) return std::make_unique<SignalHolder>(memory, counts);
  return std::make_unique<ConsolidationPlugin>(spec.memory->plugin);
}

}  // namespace sharpwave::service

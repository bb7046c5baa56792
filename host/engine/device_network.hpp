// A network on a device, and the instances that run on it together: each has an engine and a thread of its
// own, and what they ask for is done in stretches of steps for all of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/engine/device_engine.hpp"
#include "host/engine/device_layout.hpp"
#include "host/engine/device_models.hpp"
#include "host/engine/device_rows.hpp"
#include "host/engine/engine.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

class DeviceNetwork {
 public:
  /// Builds with `threads` threads, and lets go of what is then on the device.
  /// @param n_seats      instances that there can be at once (> 0).
  /// @param connections  is filled where `options` ask for it, in `connections_s`.
  DeviceNetwork(const ModelSpec& spec, int threads, std::uint32_t n_seats, MakeExecutor make_executor,
                const BuildOptions& options, std::vector<ConnectionStatistics>& connections,
                double& connections_s);

  /// Its bits and its rows, but those of plastic synapses, are empty: they lie on the device.
  [[nodiscard]] const Network& network() const { return net_; }
  /// Of an instance with `arithmetic`; without layout, bytes on the device, times and connections.
  [[nodiscard]] ConstructionReport report(const ModelSpec& spec, Arithmetic arithmetic) const;
  /// Are its sums right here? Where they may exceed what the others need, they are not.
  [[nodiscard]] bool can_add_up(Arithmetic arithmetic) const;
  /// For what can not, a network of its own.
  [[nodiscard]] std::unique_ptr<Engine> make_alone(const ModelSpec& spec) const {
    return make_device_engine(spec, threads_, make_executor_, options_);
  }

  /// An instance's place. It gets up when this ends.
  class Seat {
   public:
    /// That there is one left is the caller's duty.
    Seat(std::shared_ptr<DeviceNetwork> network, const device::InstanceModel& instance);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    /// Returns when that many steps (1 to most_steps()) are done, together with those of others that ask for
    /// theirs at about the same time.
    /// @throws Error(device_failed), in all that wait and from then on.
    void advance(std::uint64_t n_steps);

    /// The executor's functions of this seat, one caller at a time.
    template <class Call>
    auto with_executor(Call&& call) const {
      const std::lock_guard lock(network_->mutex_);
      return translated([&] { return call(*network_->executor_, seat_); });
    }

    /// By what its steps are done, and why: one line.
    [[nodiscard]] std::string kernels() const {
      if (!network_->layout_.by_owners) return network_->layout_.why;
      return with_executor([](auto& executor, auto seat) { return executor.kernels(seat); });
    }
    /// Where its rows were drawn, and why: one line.
    [[nodiscard]] const std::string& drawing() const { return network_->drawing_.why; }

   private:
    std::shared_ptr<DeviceNetwork> network_;
    std::uint32_t seat_;
  };

 private:
  using Clock = std::chrono::steady_clock;
  /// That a stretch is held back for who is not there yet: much less than a block of steps takes.
  static constexpr std::chrono::milliseconds kPatience{10};

  void run_those_that_wait();
  void fail_with(std::exception_ptr failure);

  DeviceLayout layout_;
  RowDrawing drawing_;
  Network net_;
  Arithmetic arithmetic_;
  ConstructionReport report_;  ///< of the description that was built
  int threads_;
  MakeExecutor make_executor_;
  BuildOptions options_;

  std::mutex mutex_;  ///< of all that follows
  std::unique_ptr<device::Executor> executor_;
  std::vector<bool> taken_;
  std::vector<std::uint64_t> left_;  ///< steps that each seat waits for
  std::size_t n_taken_ = 0;
  std::size_t n_waiting_ = 0;
  Clock::time_point last_end_;  ///< of a stretch
  std::condition_variable stretch_ended_;
  std::exception_ptr failure_;  ///< of the device, which does nothing more then
};

}  // namespace sharpwave

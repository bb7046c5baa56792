#include "host/engine/device_network.hpp"

#include <algorithm>
#include <utility>

#include "host/base/stopwatch.hpp"
#include "host/base/thread_pool.hpp"
#include "host/engine/construction.hpp"
#include "host/engine/device_models.hpp"

namespace sharpwave {
namespace {

void let_rows_go(Network& net) {
  net.row_begin = {};
  net.synapses = {};
  net.wide_cells = {};
  net.wide_weights = {};
  for (SourceClass& c : net.classes) {
    c.offsets16 = {};
    c.offsets32 = {};
  }
  for (PairBits& pairs : net.pair_bits) pairs.bits = {};
}

}  // namespace

DeviceNetwork::DeviceNetwork(const ModelSpec& spec, int threads, std::uint32_t n_seats,
                             MakeExecutor make_executor, const BuildOptions& options,
                             std::vector<ConnectionStatistics>& connections, double& connections_s)
    : threads_(threads), make_executor_(std::move(make_executor)), taken_(n_seats) {
  ThreadPool pool(threads);
  net_ = build_network(spec, device_shape(spec), pool, select_cpu_kernels(), options.stop);
  arithmetic_ = EvaluatedModel(spec, net_).arithmetic;
  executor_ = translated([&] { return make_executor_(network_model(spec, net_, arithmetic_), n_seats); });
  report_ = report_construction(spec, net_, arithmetic_);
  if (options.connection_statistics) {
    const Stopwatch counting;
    connections = count_connections(spec, net_, pool);
    connections_s = counting.seconds();
  }
  let_rows_go(net_);
}

ConstructionReport DeviceNetwork::report(const ModelSpec& spec, Arithmetic arithmetic) const {
  ConstructionReport report = report_;
  report.grids = grids_of(spec, net_, arithmetic);
  return report;
}

bool DeviceNetwork::can_add_up(Arithmetic arithmetic) const {
  return arithmetic == arithmetic_ || arithmetic == Arithmetic::float_int32;
}

// The device has failed: each of those that wait is told.
void DeviceNetwork::run_those_that_wait() {
  try {
    translated([&] {
      executor_->start(waiting_);
      executor_->wait();
    });
  } catch (...) {
    failure_ = std::current_exception();
  }
  waiting_.clear();
  ++stretches_;
  stretch_ended_.notify_all();
}

DeviceNetwork::Seat::Seat(std::shared_ptr<DeviceNetwork> network, const device::InstanceModel& instance)
    : network_(std::move(network)) {
  const std::lock_guard lock(network_->mutex_);
  std::vector<bool>& taken = network_->taken_;
  const auto free = std::find(taken.begin(), taken.end(), false);
  SHARPWAVE_ASSERT(free != taken.end());
  seat_ = static_cast<std::uint32_t>(free - taken.begin());
  translated([&] { network_->executor_->place(seat_, instance); });
  *free = true;
  ++network_->n_taken_;
}

// The others may have waited for this one alone.
DeviceNetwork::Seat::~Seat() {
  const std::lock_guard lock(network_->mutex_);
  try {
    network_->executor_->vacate(seat_);
  } catch (...) {  // the device has failed: whoever still uses it hears of it
    network_->failure_ = std::current_exception();
  }
  network_->taken_[seat_] = false;
  --network_->n_taken_;
  if (!network_->waiting_.empty() && network_->waiting_.size() == network_->n_taken_)
    network_->run_those_that_wait();
}

void DeviceNetwork::Seat::advance(std::uint64_t n_steps) {
  std::unique_lock lock(network_->mutex_);
  if (network_->failure_) std::rethrow_exception(network_->failure_);
  network_->waiting_.push_back({seat_, n_steps});
  const std::uint64_t before = network_->stretches_;
  if (network_->waiting_.size() == network_->n_taken_)
    network_->run_those_that_wait();
  else
    network_->stretch_ended_.wait(lock, [&] { return network_->stretches_ != before; });
  if (network_->failure_) std::rethrow_exception(network_->failure_);
}

}  // namespace sharpwave

#include "host/engine/device_network.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "host/base/stopwatch.hpp"
#include "host/base/thread_pool.hpp"
#include "host/engine/construction.hpp"

namespace sharpwave {
namespace {

// But those of plastic synapses: their order is that of files, and new instances begin with their weights.
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
    : layout_(choose_device_layout(spec, make_executor.owners, n_seats)),
      drawing_(choose_row_drawing(spec, make_executor, options)),
      threads_(threads),
      make_executor_(std::move(make_executor)),
      options_(options),
      taken_(n_seats),
      left_(n_seats) {
  ThreadPool pool(threads);
  std::shared_ptr<device::DrawnRows> drawn_rows;
  if (drawing_.on_device) {
    DrawnOnDevice drawn = draw_network(spec, layout_.shape, make_executor_, options.stop);
    net_ = std::move(drawn.network);
    drawn_rows = std::move(drawn.rows);
  } else {
    net_ = build_network(spec, layout_.shape, pool, select_cpu_kernels(), options.stop);
  }
  arithmetic_ = arithmetic_of(spec, place_inputs(spec, net_));
  device::NetworkModel model = network_model(spec, net_, arithmetic_);
  model.drawn_rows = std::move(drawn_rows);
  if (layout_.by_owners) model.owners = owners_model(spec, make_executor_.owners, layout_.is_asked_for);
  executor_ = translated([&] { return make_executor_.make(model, n_seats); });
  report_ = report_construction(spec, net_, arithmetic_);
  if (model.drawn_rows != nullptr) report_.synapse_bytes = model.drawn_rows->bytes();
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

// What came first says more than what follows from it.
void DeviceNetwork::fail_with(std::exception_ptr failure) {
  if (!failure_) failure_ = std::move(failure);
}

// As many steps as the first to be done has left, so that nobody is kept from what it does with them; a few
// more where that is less than a graph of them.
void DeviceNetwork::run_those_that_wait() {
  std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t left : left_)
    if (left > 0) shortest = std::min(shortest, left);
  const std::uint64_t n_steps = std::max<std::uint64_t>(shortest, device::kStepsPerGraph);
  std::vector<device::SeatSteps> stretch;
  for (std::uint32_t seat = 0; seat < left_.size(); ++seat) {
    if (left_[seat] == 0) continue;
    stretch.push_back({seat, std::min(left_[seat], n_steps)});
    left_[seat] -= stretch.back().n_steps;
    if (left_[seat] == 0) --n_waiting_;
  }
  try {
    translated([&] {
      executor_->start(stretch);
      executor_->wait();
    });
  } catch (...) {
    fail_with(std::current_exception());
  }
  last_end_ = Clock::now();
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
    translated([&] { network_->executor_->vacate(seat_); });
  } catch (...) {  // the device has failed: whoever still uses it hears of it
    network_->fail_with(std::current_exception());
  }
  network_->taken_[seat_] = false;
  --network_->n_taken_;
  network_->stretch_ended_.notify_all();
}

void DeviceNetwork::Seat::advance(std::uint64_t n_steps) {
  std::unique_lock lock(network_->mutex_);
  const auto throw_if_failed = [&] {
    if (network_->failure_) std::rethrow_exception(network_->failure_);
  };
  throw_if_failed();
  network_->left_[seat_] = n_steps;
  ++network_->n_waiting_;
  while (network_->left_[seat_] > 0) {
    const Clock::time_point latest = network_->last_end_ + kPatience;
    if (network_->n_waiting_ == network_->n_taken_ || Clock::now() >= latest)
      network_->run_those_that_wait();
    else
      network_->stretch_ended_.wait_until(lock, latest);
    throw_if_failed();
  }
}

}  // namespace sharpwave

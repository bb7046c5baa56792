#include "host/run/checkpoint_writer.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"
#include "host/checkpoint/checkpoint_file.hpp"

namespace sharpwave {
namespace {

CheckpointOutcome write(const CheckpointStore& store, Checkpoint checkpoint,
                        const std::function<void()>& before) {
  const ProfileRange range("checkpoint");
  const Stopwatch watch;
  CheckpointOutcome outcome{.step = step_of(checkpoint)};
  try {
    before();
    outcome.file = store.write(encode_checkpoint(std::move(checkpoint)), outcome.step);
  } catch (const std::exception& error) {  // memory too can be short: the run goes on without
    outcome.error = error.what();
  }
  outcome.seconds = watch.seconds();
  return outcome;
}

}  // namespace

void CheckpointWriter::start(Checkpoint checkpoint, std::function<void()> before) {
  SHARPWAVE_ASSERT(!busy());
  const auto work = std::make_shared<std::packaged_task<CheckpointOutcome()>>(
      [this, checkpoint = std::move(checkpoint), before = std::move(before)]() mutable {
        return write(store_, std::move(checkpoint), before);
      });
  pending_ = work->get_future();
  try {
    thread_ = std::jthread([work] { (*work)(); });
  } catch (const std::system_error&) {
    (*work)();  // where no thread can be had, the simulation waits
  }
}

std::optional<CheckpointOutcome> CheckpointWriter::poll() {
  if (!busy() || pending_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return {};
  return pending_.get();
}

std::optional<CheckpointOutcome> CheckpointWriter::wait() {
  if (!busy()) return {};
  return pending_.get();
}

}  // namespace sharpwave

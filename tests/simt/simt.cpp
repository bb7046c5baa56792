#include "tests/simt/simt.hpp"

#include <utility>

namespace sharpwave::simt {

Team::Team(std::uint32_t n_threads) : n_threads_(n_threads), begin_(n_threads + 1), end_(n_threads + 1) {
  for (std::uint32_t i = 0; i < n_threads; ++i) threads_.emplace_back([this, i] { work(i); });
}

Team::~Team() {
  ending_ = true;
  begin_.arrive_and_wait();
  for (std::thread& thread : threads_) thread.join();
}

void Team::launch(Dim3 grid, const std::function<void()>& kernel) {
  grid_ = grid;
  kernel_ = &kernel;
  for (std::uint32_t y = 0; y < grid.y; ++y)
    for (std::uint32_t x = 0; x < grid.x; ++x) {
      block_index_ = {x, y, 0};
      block_ = std::make_unique<BlockState>(n_threads_);
      begin_.arrive_and_wait();
      end_.arrive_and_wait();
      if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }
}

void Team::run_block(std::uint32_t thread) {
  here = {.thread = {thread, 0, 0},
          .block = block_index_,
          .block_size = {n_threads_, 1, 1},
          .grid = grid_,
          .state = block_.get()};
  try {
    (*kernel_)();
  } catch (...) {
    const std::lock_guard lock(failure_mutex_);
    failure_ = std::current_exception();
  }
  // A thread that has returned is not waited for.
  block_->warps[thread / kWarpSize]->arrive_and_drop();
  block_->all.arrive_and_drop();
}

void Team::work(std::uint32_t thread) {
  for (;;) {
    begin_.arrive_and_wait();
    if (ending_) return;
    run_block(thread);
    end_.arrive_and_wait();
  }
}

}  // namespace sharpwave::simt

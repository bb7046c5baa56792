#include "tests/simt/simt.hpp"

#include <utility>

namespace sharpwave::simt {

Team::Team(std::uint32_t n_threads)
    : n_threads_(n_threads), begin_(n_threads + 1), end_(n_threads + 1), between_(n_threads) {
  for (std::uint32_t i = 0; i < n_threads; ++i) threads_.emplace_back([this, i] { work(i); });
}

Team::~Team() {
  ending_ = true;
  begin_.arrive_and_wait();
  for (std::thread& thread : threads_) thread.join();
}

// What kernels share within a block is static, so that teams take turns as well.
void Team::launch(Dim3 grid, const std::function<void()>& kernel) {
  static std::mutex turn;
  const std::lock_guard lock(turn);
  grid_ = grid;
  kernel_ = &kernel;
  blocks_.clear();
  for (std::uint32_t i = 0; i < grid.x * grid.y * grid.z; ++i)
    blocks_.push_back(std::make_unique<BlockState>(n_threads_));
  begin_.arrive_and_wait();
  end_.arrive_and_wait();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

// Static memory serves one block after the other, so where threads have met within a block they also meet at
// its end. Where they have not, they need not: waiting is what takes the time here.
void Team::run_blocks(std::uint32_t thread) {
  for (std::uint32_t i = 0; i < blocks_.size(); ++i) {
    here = {.thread = {thread, 0, 0},
            .block = {i % grid_.x, i / grid_.x % grid_.y, i / (grid_.x * grid_.y)},
            .block_size = {n_threads_, 1, 1},
            .grid = grid_,
            .state = blocks_[i].get()};
    try {
      (*kernel_)();
    } catch (...) {
      const std::lock_guard lock(failure_mutex_);
      failure_ = std::current_exception();
    }
    const bool synchronised = here.synchronised;
    blocks_[i]->leave(thread);
    if (synchronised) between_.arrive_and_wait();
  }
}

void Team::work(std::uint32_t thread) {
  for (;;) {
    begin_.arrive_and_wait();
    if (ending_) return;
    run_blocks(thread);
    end_.arrive_and_wait();
  }
}

}  // namespace sharpwave::simt

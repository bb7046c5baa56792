#include "tests/simt/simt.hpp"

#include <boost/context/detail/fcontext.hpp>
#include <exception>
#include <mutex>
#include <numeric>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace sharpwave::simt {

// Not ucontext, whose switches ask the system for the signal mask: nine tenths of the time of these tests.
using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

/// A stack with what runs on it; the sanitizers are told when the processor moves from one to the other.
class Context {
 public:
  /// One that is there already.
  Context() = default;
  void is_running() {
#if defined(__SANITIZE_THREAD__)
    thread_.store(__tsan_get_current_fiber(), std::memory_order_relaxed);
#endif
  }
  explicit Context(void (*entry)(transfer_t))
      : stack_(std::make_unique<std::byte[]>(kStackBytes)),
        place_(make_fcontext(stack_.get() + kStackBytes, kStackBytes, entry)),
        bottom_(stack_.get()) {
#if defined(__SANITIZE_THREAD__)
    thread_ = __tsan_create_fiber(0);
#endif
  }
  ~Context() {
#if defined(__SANITIZE_THREAD__)
    (void)n_turns_.load(std::memory_order_acquire);  // all that it has done is done
    if (stack_ != nullptr) __tsan_destroy_fiber(thread_);
#endif
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Goes on there; returns when that goes back here.
  void switch_to(Context& other) {
#if defined(__SANITIZE_ADDRESS__)
    void* own_frames = nullptr;
    __sanitizer_start_switch_fiber(&own_frames, other.bottom_, other.size_);
#endif
#if defined(__SANITIZE_THREAD__)
    void* const thread = other.thread_.load(std::memory_order_relaxed);
    n_turns_.fetch_add(1, std::memory_order_release);
    __tsan_switch_to_fiber(thread, __tsan_switch_to_fiber_no_sync);
#endif
    note_place(jump_fcontext(other.place_.load(std::memory_order_relaxed), this));
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(own_frames, &other.bottom_, &other.size_);
#endif
  }
  /// The first thing that an entry does.
  static void arrive_from(Context& other, const transfer_t& left) {
    note_place(left);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &other.bottom_, &other.size_);
#else
    (void)other;
#endif
  }

 private:
  /// Whoever was left can be gone back to.
  static void note_place(const transfer_t& left) {
    static_cast<Context*>(left.data)->place_.store(left.fctx, std::memory_order_relaxed);
  }

  static constexpr std::size_t kStackBytes = 64 << 10;
  std::unique_ptr<std::byte[]> stack_;
  std::atomic<fcontext_t> place_ = nullptr;  ///< where it goes on
  const void* bottom_ = nullptr;
  std::size_t size_ = kStackBytes;
  std::atomic<void*> thread_ = nullptr;
  std::atomic<std::uint64_t> n_turns_ = 0;
};

/// A thread of a block. What it shares with the host is atomic or handed over: for ThreadSanitizer it is a
/// thread like any other.
class Fiber {
 public:
  /// @param host  whose turns these are.
  explicit Fiber(Context& host) : context_(&Fiber::run), host_(host) {}
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void begin(const ThreadPlace& place, const std::function<void()>& kernel) {
    place_ = place;
    kernel_ = &kernel;
    has_ended_.store(false, std::memory_order_release);
  }
  /// Until it ends, or waits.
  void go_on() {
    current_.store(this, std::memory_order_relaxed);
    running.store(&place_, std::memory_order_relaxed);
    host_.switch_to(context_);
  }
  void wait() { context_.switch_to(host_); }
  [[nodiscard]] bool has_ended() const { return has_ended_.load(std::memory_order_acquire); }
  [[nodiscard]] std::exception_ptr take_failure() { return std::exchange(failure_, nullptr); }
  static Fiber& current() { return *current_.load(std::memory_order_relaxed); }

 private:
  static void run(transfer_t left) {
    Fiber& self = current();
    Context::arrive_from(self.host_, left);
    for (;;) {
      if (!self.has_ended()) self.run_kernel();
      self.wait();
    }
  }
  void run_kernel() {
    try {
      (*kernel_)();
    } catch (...) {
      failure_ = std::current_exception();
    }
    place_.state->leave(place_.thread.x);
    has_ended_.store(true, std::memory_order_release);
  }

  inline static thread_local std::atomic<Fiber*> current_ = nullptr;
  Context context_;
  Context& host_;
  std::atomic<bool> has_ended_ = true;
  ThreadPlace place_;
  const std::function<void()>* kernel_ = nullptr;
  std::exception_ptr failure_;
};

void yield() {
  Fiber::current().wait();
}

Team::Team(std::uint32_t n_threads, std::uint32_t n_blocks)
    : n_threads_(n_threads), host_(std::make_unique<Context>()), blocks_(n_blocks) {
  for (Block& block : blocks_) {
    block.state = std::make_unique<BlockState>(n_threads);
    for (std::uint32_t i = 0; i < n_threads; ++i) block.fibers.push_back(std::make_unique<Fiber>(*host_));
  }
}

Team::~Team() = default;

/// Calls visit(i) for all i < n, from a drawn one on in drawn strides.
template <class Visit>
static void for_each_in_drawn_order(std::uint64_t& drawn, std::uint32_t n, const Visit& visit) {
  drawn = drawn * 6364136223846793005u + 1442695040888963407u;
  const auto first = static_cast<std::uint32_t>(drawn >> 40);
  auto stride = static_cast<std::uint32_t>(drawn >> 36) % n + 1;
  while (std::gcd(stride, n) != 1) ++stride;
  for (std::uint32_t i = 0; i < n; ++i)
    visit(static_cast<std::uint32_t>((first + std::uint64_t{i} * stride) % n));
}

// One launch at a time, of whatever team: what blocks of a launch share is static.
static std::lock_guard<std::mutex> turn_of_a_launch() {
  static std::mutex turn;
  return std::lock_guard(turn);
}

void Team::launch(Dim3 grid, const std::function<void()>& kernel) {
  const auto turn = turn_of_a_launch();
  if (is_stuck_) throw std::logic_error("simt: the team is stuck");
  host_->is_running();
  for_each_in_drawn_order(drawn_, grid.x * grid.y * grid.z, [&](std::uint32_t i) {
    begin(blocks_[0], {i % grid.x, i / grid.x % grid.y, i / (grid.x * grid.y)}, grid, kernel);
    run(1);
  });
  rethrow_failure();
}

void Team::launch_together(std::uint32_t n_blocks, std::size_t shared_bytes,
                           const std::function<void()>& kernel) {
  const auto turn = turn_of_a_launch();
  if (is_stuck_ || n_blocks > blocks_.size()) throw std::logic_error("simt: stuck, or too many blocks");
  host_->is_running();
  for (std::uint32_t i = 0; i < n_blocks; ++i) {
    blocks_[i].state->make_shared_memory(shared_bytes);
    begin(blocks_[i], {i, 0, 0}, {n_blocks, 1, 1}, kernel);
  }
  run(n_blocks);
  rethrow_failure();
}

void Team::begin(Block& block, Dim3 place, Dim3 grid, const std::function<void()>& kernel) {
  block.state->begin(n_threads_);
  for (std::uint32_t i = 0; i < n_threads_; ++i)
    block.fibers[i]->begin({.thread = {i, 0, 0},
                            .block = place,
                            .block_size = {n_threads_, 1, 1},
                            .grid = grid,
                            .state = block.state.get()},
                           kernel);
}

// Until the threads of the first blocks have ended.
void Team::run(std::uint32_t n_blocks) {
  const auto n_meetings = [&] {
    std::uint64_t n = 0;
    for (std::uint32_t b = 0; b < n_blocks; ++b) n += blocks_[b].state->n_meetings();
    return n;
  };
  // Who waits for another block sees in the round after what that has done, and meets its own block then.
  const std::uint32_t patience = n_blocks > 1 ? 3 : 1;
  std::uint32_t n_idle = 0;
  for (std::uint32_t n_left = n_blocks * n_threads_; n_left > 0;) {
    const std::uint32_t n_before = n_left;
    const std::uint64_t meetings_before = n_meetings();
    for_each_in_drawn_order(drawn_, n_blocks * n_threads_, [&](std::uint32_t i) {
      Fiber& fiber = *blocks_[i / n_threads_].fibers[i % n_threads_];
      if (fiber.has_ended()) return;
      fiber.go_on();
      if (fiber.has_ended()) --n_left;
    });
    n_idle = n_left == n_before && n_meetings() == meetings_before ? n_idle + 1 : 0;
    is_stuck_ = n_idle >= patience;
    if (is_stuck_) throw std::logic_error("simt: threads of a block wait for others that do not come");
  }
}

void Team::rethrow_failure() {
  std::exception_ptr first;
  for (const Block& block : blocks_)
    for (const auto& fiber : block.fibers) {
      const std::exception_ptr failure = fiber->take_failure();
      if (!first) first = failure;
    }
  if (first) std::rethrow_exception(first);
}

}  // namespace sharpwave::simt

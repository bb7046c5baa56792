// A space on a backend in memory that stays when the space goes, and that can be told to fail: what a process
// that is killed leaves behind.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/signal.hpp"
#include "memory_store/space.hpp"
#include "tests/memory_store/memory_backend.hpp"
#include "tests/memory_store/space_items.hpp"

namespace sharpwave::memory::testing {

class KeptSpace {
 public:
  KeptSpace() { reopen(); }

  /// Killed, and started again.
  void reopen(bool read_only = false) {
    space_.reset();
    n_writes = 0;
    writes_left = kNoLimit;
    space_ = std::make_shared<Space>(std::make_unique<Backend>(*this), true, read_only);
  }
  /// Begins with nothing again.
  void clear() {
    under_ = std::make_shared<MemoryBackend>();
    reopen();
  }
  [[nodiscard]] Space& operator*() const { return *space_; }
  [[nodiscard]] Space* operator->() const { return space_.get(); }
  [[nodiscard]] const std::shared_ptr<Space>& pointer() const { return space_; }

  static constexpr int kNoLimit = std::numeric_limits<int>::max();
  std::atomic<int> n_writes = 0;
  std::atomic<int> writes_left = kNoLimit;  ///< the next fails where there are none
  std::atomic<int> ms_a_write = 0;
  std::atomic<double> write_buffer = 0;

 private:
  class Backend final : public StorageBackend {
   public:
    explicit Backend(KeptSpace& owner) : owner_(owner), under_(owner.under_) {}
    void write(const WriteBatch& batch, bool sync) override {
      if (owner_.writes_left-- <= 0) throw Error(ExitCode::io, "killed");
      std::this_thread::sleep_for(std::chrono::milliseconds(owner_.ms_a_write));
      ++owner_.n_writes;
      under_->write(batch, sync);
    }
    void sync() override { under_->sync(); }
    [[nodiscard]] std::optional<std::string> get(Column column, std::string_view key) const override {
      return under_->get(column, key);
    }
    void scan(Column column, std::string_view prefix, Order order, const Visit& visit) const override {
      under_->scan(column, prefix, order, visit);
    }
    [[nodiscard]] std::uint64_t bytes() const override { return under_->bytes(); }
    [[nodiscard]] double write_buffer_fill() const override { return owner_.write_buffer; }

   private:
    KeptSpace& owner_;
    std::shared_ptr<MemoryBackend> under_;
  };

  std::shared_ptr<MemoryBackend> under_ = std::make_shared<MemoryBackend>();
  std::shared_ptr<Space> space_;
};

/// The signal of that number, of a window of 100 ms that begins at `number` * 100 ms.
inline ConsolidationSignal signal_of(std::vector<float> embedding, std::uint64_t number) {
  ConsolidationSignal signal;
  signal.provenance = {.run = "run",
                       .config_digest = "ab",
                       .population = "E",
                       .instance = 0,
                       .branch = 0,
                       .begin_ms = static_cast<double>(number) * 100,
                       .end_ms = static_cast<double>(number) * 100 + 100,
                       .signal = number};
  signal.embedding = std::move(embedding);
  return signal;
}

}  // namespace sharpwave::memory::testing

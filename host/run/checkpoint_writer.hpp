// Writes checkpoints while the simulation goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "host/checkpoint/checkpoint.hpp"
#include "host/checkpoint/checkpoint_store.hpp"

namespace sharpwave {

/// What became of a checkpoint.
struct CheckpointOutcome {
  std::uint64_t step = 0;
  std::filesystem::path file;
  std::string error;   ///< why it could not be written; empty where it is on the disk
  double seconds = 0;  ///< that writing took, beside the simulation
  bool asked = false;  ///< somebody outside wanted it
};

/// One checkpoint at a time.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(CheckpointStore store) : store_(std::move(store)) {}
  /// Waits.
  ~CheckpointWriter() = default;
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  [[nodiscard]] bool busy() const { return pending_.valid(); }

  /// Begins to write; must not be busy.
  /// @param before  done first, in the writer's thread: a checkpoint says how long the recording is, so that
  ///                has to be on the disk before. May throw.
  void start(Checkpoint checkpoint, std::function<void()> before);

  /// What became of the last one, once, as soon as it is known.
  [[nodiscard]] std::optional<CheckpointOutcome> poll();
  /// The same, waiting for it; nothing where none was begun.
  [[nodiscard]] std::optional<CheckpointOutcome> wait();

 private:
  CheckpointStore store_;
  std::future<CheckpointOutcome> pending_;
  std::jthread thread_;
};

}  // namespace sharpwave

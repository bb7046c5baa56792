// The checkpoints of one run: the folder `checkpoints` in its directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "host/checkpoint/checkpoint.hpp"

namespace sharpwave {

class CheckpointStore {
 public:
  static constexpr const char* kFolder = "checkpoints";
  static constexpr const char* kCompanionSuffix = ".memory";
  static constexpr std::size_t kDefaultKept = 5;

  /// Looks at nothing yet.
  /// @param run   the run's directory.
  /// @param kept  how many write() leaves, at least 1.
  explicit CheckpointStore(const std::filesystem::path& run, std::size_t kept = kDefaultKept);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Where the checkpoint of a step lies: "step_000000012000.h5"; more digits where it takes more.
  [[nodiscard]] std::filesystem::path path_of(std::uint64_t step) const;

  /// What lies beside it, where something does: the snapshot of a coupled memory, a folder that goes with it.
  [[nodiscard]] std::filesystem::path companion_of(std::uint64_t step) const;
  /// Has make() write it into a folder that is not there yet; only when that is whole, it takes the place of
  /// one that is.
  /// @throws Error(io) naming the path; as make(), and then nothing of it is left.
  void write_companion(std::uint64_t step,
                       const std::function<void(const std::filesystem::path& folder)>& make) const;

  struct Entry {
    std::uint64_t step = 0;  ///< as its name says
    std::filesystem::path file;
  };
  /// By their names, the newest first; none where there is no folder, or it cannot be read.
  [[nodiscard]] std::vector<Entry> entries() const;

  /// Writes a checkpoint, replacing one of that step, and makes it durable; only then removes others: those
  /// of later steps, where the run goes on from before them, and all but the newest, of which this one is the
  /// first. One that cannot be removed stays, and the log says so.
  /// @param file  what encode_checkpoint() made.
  /// @throws Error(io), Error(no_room) naming the file and the system's reason. Nothing is left of a
  ///         checkpoint that could not be written, and the others are untouched.
  std::filesystem::path write(std::string_view file, std::uint64_t step) const;

  /// Removes those of steps after `step`, which are of a course that the run has left. One that cannot be
  /// removed stays, and the log says so.
  void remove_after(std::uint64_t step) const;

  /// Those that are meant of all companions, whole or partial. @throws Error(io) naming the path.
  void remove_companions(const std::function<bool(const std::filesystem::path&)>& is_meant) const;

  /// Removes what a killed run left half written. @throws Error(io) naming the path.
  void clean_strays() const;

  struct Found {
    std::filesystem::path file;
    Checkpoint checkpoint;
  };
  using Report = std::function<void(const std::filesystem::path& file, const std::string& why)>;
  using Check = std::function<void(const Checkpoint&)>;
  /// The newest checkpoint that is whole and that `check` lets pass. Each newer one is reported, with what is
  /// wrong.
  /// @param check  throws Error where a checkpoint cannot be used for another reason.
  /// @throws Error(no_checkpoint) saying how many there were.
  [[nodiscard]] Found newest_valid(const Report& report, const Check& check = {}) const;

 private:
  std::filesystem::path folder_;
  std::size_t kept_;
};

/// Reads the checkpoint of an entry, which has to be of the step that its name says.
/// @throws Error as read_checkpoint() does.
[[nodiscard]] Checkpoint read_entry(const CheckpointStore::Entry& entry);

}  // namespace sharpwave

// An approximate index over embeddings, and the files it is kept in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "memory_store/index_header.hpp"
#include "memory_store/item.hpp"

namespace sharpwave {
class FileDescriptor;
}

namespace sharpwave::memory {

/// A hierarchical navigable small world graph over vectors of length 1, of the library hnswlib. What it says
/// is only a choice of candidates: how similar they are, and whether they are still there, is up to the
/// caller.
///
/// Vectors are never taken out. The library can mark them as deleted, but where all that an insertion reaches
/// in a layer are marked, it reads in front of an array (hnswlib 0.6.2, mutuallyConnectNewElement).
///
/// Safe from several threads: searches run beside each other, an insertion waits for them.
class VectorIndex {
 public:
  /// @param dimension  at least 1.
  VectorIndex(std::uint32_t dimension, const IndexParameters& parameters);
  ~VectorIndex();
  VectorIndex(const VectorIndex&) = delete;
  VectorIndex& operator=(const VectorIndex&) = delete;

  /// @param vector  [dimension], of length 1; `id` was never here.
  /// Where it throws, which is for want of memory, the index must not be used any more.
  void insert(ItemId id, std::span<const float> vector);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::uint64_t bytes() const;  ///< in memory
  [[nodiscard]] std::vector<ItemId> ids() const;
  /// [dimension]; empty where there is none. Valid until the next insertion.
  [[nodiscard]] std::span<const float> find(ItemId id) const;
  /// About those nearest to `query`, [dimension]; `n` of them, or all, in no order. O(n log size).
  [[nodiscard]] std::vector<ItemId> candidates(std::span<const float> query, std::size_t n) const;

  /// Into `folder`/graph and then `folder`/header. Whatever ends it in between, load() finds the old one or
  /// none. @throws Error(io), Error(no_room).
  void save(const std::filesystem::path& folder, const std::string& space) const;
  /// What was saved; null where nothing was. The library reads bytes only whose digest fits,
  /// and what it has read is checked to lead nowhere else.
  /// @throws Error(damaged_data) where it is not as it was written, or of another space, dimension, or other
  /// parameters; Error(io) where it cannot be read.
  [[nodiscard]] static std::unique_ptr<VectorIndex> load(const std::filesystem::path& folder,
                                                         const std::string& space, std::uint32_t dimension,
                                                         const IndexParameters& parameters);

 private:
  struct Graph;
  explicit VectorIndex(std::unique_ptr<Graph> graph);
  [[nodiscard]] static std::unique_ptr<Graph> read_graph(const FileDescriptor& file,
                                                         const std::filesystem::path& path,
                                                         const IndexHeader& header,
                                                         const IndexParameters& parameters);
  std::unique_ptr<Graph> graph_;
  mutable std::shared_mutex mutex_;
};

}  // namespace sharpwave::memory

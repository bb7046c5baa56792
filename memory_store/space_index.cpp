#include "memory_store/space_index.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "host/base/error.hpp"
#include "memory_store/kill_point.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

/// How many may wait beside a graph that is used, as a share of those that are scanned anyway.
constexpr std::size_t kWaitingShare = 8;
/// A thread that makes an index leaves the processor to everything else.
constexpr int kNiceness = 10;

bool are_too_many_tombstones(std::size_t n_tombstones, std::size_t n_vectors) {
  return 10 * n_tombstones > 3 * n_vectors;
}

}  // namespace

const char* name_of(IndexState state) {
  switch (state) {
    case IndexState::none_needed:
      return "none_needed";
    case IndexState::ready:
      return "ready";
    case IndexState::rebuilding:
      return "rebuilding";
    case IndexState::failed:
      return "failed";
  }
  SHARPWAVE_ASSERT(false);
}

SpaceIndex::SpaceIndex(IndexOptions options, Owner owner)
    : options_(std::move(options)), owner_(std::move(owner)) {
  SHARPWAVE_ASSERT(options_.from_vectors > 0);
}

SpaceIndex::~SpaceIndex() {
  if (worker_.joinable()) {
    worker_.request_stop();
    worker_.join();
  }
  std::unique_lock lock(mutex_);
  if (n_in_graph_ > 0 && !is_saved_) save(lock);
}

void SpaceIndex::open(const VectorTable& vectors, ItemId next_id) {
  const std::lock_guard lock(mutex_);
  try {
    n_live_ = vectors.size();
    if (n_live_ < options_.from_vectors) return;
    try {
      graph_ = load(vectors, next_id);
    } catch (const Error& error) {
      note_ = error.what();
    }
    if (graph_) {
      n_in_graph_ = graph_->size();
      for (const ItemId id : vectors.ids())
        if (graph_->find(id).empty()) waiting_.insert(id);
      is_building_ = !waiting_.empty();
      is_saved_ = true;
    }
    settle(vectors);
  } catch (const std::exception& error) {
    give_up(error.what());
  }
}

std::shared_ptr<VectorIndex> SpaceIndex::load(const VectorTable& vectors, ItemId next_id) const {
  if (options_.folder.empty()) return nullptr;
  std::shared_ptr<VectorIndex> graph =
      VectorIndex::load(options_.folder, options_.space, vectors.dimension(), options_.parameters);
  if (!graph) return nullptr;
  for (const ItemId id : graph->ids()) {
    // Where changes were given up, their ids are given again.
    if (id >= next_id)
      throw Error(ExitCode::damaged_data,
                  fmt::format("the index: item {} is in it, and the space had none from {} on", id, next_id));
    const std::span<const float> vector = vectors.find(id);
    if (!vector.empty() && !std::ranges::equal(vector, graph->find(id)))
      throw Error(ExitCode::damaged_data, fmt::format("the index: item {} has another vector in it", id));
  }
  return graph;
}

void SpaceIndex::changed(const Pending& group, const VectorTable& vectors) {
  const std::lock_guard lock(mutex_);
  try {
    n_live_ = vectors.size();
    if (graph_) {
      for (const auto& [id, vector] : group.vectors) waiting_.insert(id);
      for (const auto& [id, item] : group.items)
        if (!item) waiting_.erase(id);
    }
    settle(vectors);
  } catch (const std::exception& error) {
    give_up(error.what());
  }
}

/// Whether there should be a graph, and another one.
void SpaceIndex::settle(const VectorTable& vectors) {
  if (!graph_) {
    if (n_live_ >= options_.from_vectors && !has_failed_) begin_build(vectors);
  } else if (n_live_ < options_.from_vectors / 2) {
    drop();
  } else if (are_too_many_tombstones(n_tombstones(), n_in_graph_ + waiting_.size())) {
    begin_build(vectors);
  }
  if (!waiting_.empty()) wake_worker();
}

void SpaceIndex::begin_build(const VectorTable& vectors) {
  drop();
  graph_ = std::make_shared<VectorIndex>(vectors.dimension(), options_.parameters);
  waiting_.insert(vectors.ids().begin(), vectors.ids().end());
  is_building_ = true;
}

void SpaceIndex::drop() {
  graph_ = nullptr;
  waiting_.clear();
  n_in_graph_ = 0;
  is_building_ = false;
  is_saved_ = false;
  is_built_.notify_all();
}

void SpaceIndex::give_up(const std::string& why) {
  drop();
  has_failed_ = true;
  note_ = why;
}

void SpaceIndex::wake_worker() {
  if (!worker_.joinable()) worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  has_work_.notify_one();
}

void SpaceIndex::work(const std::stop_token& stop) {
  static_cast<void>(setpriority(PRIO_PROCESS, 0, kNiceness));  // Linux: of this thread
  std::unique_lock lock(mutex_);
  while (has_work_.wait(lock, stop, [&] { return !waiting_.empty(); }) && !stop.stop_requested()) {
    try {
      insert_next(lock);
    } catch (const std::exception& error) {
      if (!lock.owns_lock()) lock.lock();
      give_up(error.what());
    }
  }
}

void SpaceIndex::insert_next(std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<VectorIndex> graph = graph_;
  const ItemId id = *waiting_.begin();
  lock.unlock();
  const std::vector<float> vector = owner_.vector_of(id);
  if (!vector.empty()) graph->insert(id, vector);
  lock.lock();
  if (graph != graph_) return;  // it was dropped meanwhile
  if (!vector.empty()) {
    ++n_in_graph_;
    ++n_inserted_;
    is_saved_ = false;
  }
  waiting_.erase(id);
  if (!waiting_.empty() || !is_building_) return;
  save(lock);
  if (graph != graph_) return;
  is_building_ = false;
  is_built_.notify_all();
}

/// Without the lock meanwhile; nobody inserts, for this is who would.
void SpaceIndex::save(std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<VectorIndex> graph = graph_;
  lock.unlock();
  std::string failure;
  bool is_saved = false;
  try {
    if (!options_.folder.empty() && owner_.is_writable()) {
      graph->save(options_.folder, options_.space);
      is_saved = true;
    }
  } catch (const std::exception& error) {
    failure = error.what();
  }
  lock.lock();
  if (!failure.empty()) note_ = failure;
  if (graph == graph_) is_saved_ = is_saved;
}

void SpaceIndex::restart(const VectorTable& vectors) {
  const std::lock_guard lock(mutex_);
  if (!options_.folder.empty()) {
    std::error_code failure;
    fs::remove_all(options_.folder, failure);
    if (failure)
      throw Error(ExitCode::io,
                  fmt::format("{}: cannot be removed: {}", options_.folder.string(), failure.message()));
    kill_point("index.removed");
  }
  drop();
  has_failed_ = false;
  note_.clear();
  n_live_ = vectors.size();
  settle(vectors);
}

void SpaceIndex::wait_until_built() {
  std::unique_lock lock(mutex_);
  is_built_.wait(lock, [&] { return !is_building_; });
}

std::optional<SpaceIndex::Candidates> SpaceIndex::candidates(std::span<const float> query,
                                                             std::size_t n) const {
  std::shared_ptr<const VectorIndex> graph;
  Candidates candidates;
  {
    const std::lock_guard lock(mutex_);
    if (current_state() != IndexState::ready) return std::nullopt;
    graph = graph_;
    candidates.waiting.assign(waiting_.begin(), waiting_.end());
  }
  // In this order: what leaves those that wait comes into the graph before.
  candidates.from_graph = graph->candidates(query, n);
  return candidates;
}

IndexState SpaceIndex::current_state() const {
  if (has_failed_) return IndexState::failed;
  if (!graph_) return IndexState::none_needed;
  const bool are_few = waiting_.size() <= options_.from_vectors / kWaitingShare;
  return are_few ? IndexState::ready : IndexState::rebuilding;
}

IndexState SpaceIndex::state() const {
  const std::lock_guard lock(mutex_);
  return current_state();
}

IndexReport SpaceIndex::report() const {
  std::shared_ptr<const VectorIndex> graph;
  IndexReport report;
  {
    const std::lock_guard lock(mutex_);
    graph = graph_;
    report = {.state = current_state(),
              .n_vectors = n_in_graph_,
              .n_tombstones = graph ? n_tombstones() : 0,
              .n_waiting = waiting_.size(),
              .n_inserted = n_inserted_,
              .bytes = 0,
              .note = note_};
  }
  if (graph) report.bytes = graph->bytes();
  return report;
}

}  // namespace sharpwave::memory

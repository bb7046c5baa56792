#include "memory_store/vector_index.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

// No intrinsics: with them the library prefetches from addresses that it reads behind the end of its arrays.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/file_descriptor.hpp"
#include "kernels/dot_product.hpp"
#include "memory_store/kill_point.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRoomAtFirst = 1024;
/// Where nothing more comes, twice the room that is needed is there at most.
constexpr std::size_t kGrowth = 2;

/// What the library writes in front of the vectors, number by number.
struct Preamble {
  std::uint64_t offset_of_layer = 0;
  std::uint64_t room = 0;  ///< for vectors
  std::uint64_t n_vectors = 0;
  std::uint64_t row_bytes = 0;
  std::uint64_t offset_of_id = 0;
  std::uint64_t offset_of_vector = 0;
  std::int32_t top_layer = -1;
  std::uint32_t entry = 0;
  std::uint64_t most_links = 0;
  std::uint64_t most_links_in_lowest_layer = 0;
  std::uint64_t M = 0;
  double level_factor = 0;
  std::uint64_t ef_construction = 0;
};
static_assert(sizeof(Preamble) == 96);

/// The smaller the nearer; the same similarity as that of the exact search.
float distance(const void* a, const void* b, const void* dimension) {
  return -dot_product(static_cast<const float*>(a), static_cast<const float*>(b),
                      *static_cast<const std::uint32_t*>(dimension));
}

class InnerProduct final : public hnswlib::SpaceInterface<float> {
 public:
  explicit InnerProduct(std::uint32_t dimension) : dimension_(dimension) {}
  std::size_t get_data_size() override { return dimension_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return &distance; }
  void* get_dist_func_param() override { return &dimension_; }
  [[nodiscard]] std::uint32_t dimension() const { return dimension_; }

 private:
  std::uint32_t dimension_;
};

/// Reads on in `file` until `room` is full or the file ends. @return how many bytes. @throws Error(io).
std::size_t read_some(const FileDescriptor& file, const fs::path& path, std::span<char> room) {
  std::size_t n_read = 0;
  while (n_read < room.size()) {
    const ssize_t n = read(file.get(), room.data() + n_read, room.size() - n_read);
    if (n == 0) break;
    if (n > 0)
      n_read += static_cast<std::size_t>(n);
    else if (errno != EINTR)
      fail_with_errno(path, "cannot be read");
  }
  return n_read;
}

struct Content {
  std::uint64_t n_bytes = 0;
  Sha256::Digest digest{};
};

/// Of all that lies in `file`. @throws Error(io).
Content content_of(const FileDescriptor& file, const fs::path& path) {
  Content content;
  Sha256 sha;
  std::vector<char> piece(1 << 20);
  while (const std::size_t n = read_some(file, path, piece)) {
    content.n_bytes += n;
    sha.update(piece.data(), n);
  }
  content.digest = sha.finish();
  return content;
}

/// O_NONBLOCK: a pipe of that name is no reason to wait.
FileDescriptor open_without_waiting(const fs::path& path) {
  return {path, O_RDONLY | O_NONBLOCK};
}

[[noreturn]] void refuse_graph(const std::string& what) {
  throw Error(ExitCode::damaged_data, "the index: " + what);
}

/// @throws Error(damaged_data) where `header` is of something else.
void expect_same(const IndexHeader& header, const IndexHeader& expected) {
  if (header.space != expected.space)
    refuse_graph(fmt::format("it is of the space '{}', expected '{}'", header.space, expected.space));
  if (header.dimension != expected.dimension)
    refuse_graph(
        fmt::format("its vectors have {} values, expected {}", header.dimension, expected.dimension));
  if (header.M != expected.M || header.ef_construction != expected.ef_construction)
    refuse_graph(fmt::format("made with M {} and ef_construction {}, expected {} and {}", header.M,
                             header.ef_construction, expected.M, expected.ef_construction));
}

}  // namespace

struct VectorIndex::Graph {
  using Library = hnswlib::HierarchicalNSW<float>;
  static_assert(sizeof(hnswlib::tableint) == sizeof(Preamble::entry) &&
                sizeof(hnswlib::labeltype) == sizeof(ItemId));

  Graph(std::uint32_t dimension, const IndexParameters& wanted)
      : metric(dimension),
        parameters(wanted),
        library(std::make_unique<Library>(&metric, kRoomAtFirst, wanted.M, wanted.ef_construction)) {
    library->setEf(wanted.ef);
  }
  /// What lies in `file`, whose preamble was checked.
  Graph(std::uint32_t dimension, const IndexParameters& wanted, const std::string& file)
      : metric(dimension), parameters(wanted), library(std::make_unique<Library>(&metric, file)) {
    library->setEf(wanted.ef);
    library->num_deleted_ = 0;  // nothing ever is, and the library leaves it as it was in memory
    for (std::size_t i = 0; i < library->cur_element_count; ++i)
      if (library->element_levels_[i] == 0)  // too short for a layer: the library would forget it
        std::free(std::exchange(library->linkLists_[i], nullptr));
  }
  void check_preamble(const Preamble& preamble, const IndexHeader& header) const;
  void check_links() const;
  /// Of the file that the library makes of it.
  [[nodiscard]] std::uint64_t file_bytes() const {
    std::uint64_t n = sizeof(Preamble);
    for (std::size_t i = 0; i < library->cur_element_count; ++i)
      n += library->size_data_per_element_ + sizeof(std::uint32_t) +
           static_cast<std::uint64_t>(library->element_levels_[i]) * library->size_links_per_element_;
    return n;
  }

  InnerProduct metric;
  IndexParameters parameters;
  std::unique_ptr<Library> library;
};

/// Of the graph that `header` is of, which is made as this one is. @throws Error(damaged_data).
void VectorIndex::Graph::check_preamble(const Preamble& preamble, const IndexHeader& header) const {
  const std::uint64_t n_vectors = header.n_vectors;
  if (n_vectors == 0 || n_vectors > header.graph_bytes / library->size_data_per_element_)
    refuse_graph(fmt::format("{} vectors in {} bytes", n_vectors, header.graph_bytes));
  const std::uint64_t most_room = kGrowth * std::max<std::uint64_t>(n_vectors, kRoomAtFirst);
  const bool is_same_layout = preamble.offset_of_layer == library->offsetLevel0_ &&
                              preamble.row_bytes == library->size_data_per_element_ &&
                              preamble.offset_of_id == library->label_offset_ &&
                              preamble.offset_of_vector == library->offsetData_;
  const bool is_same_kind =
      preamble.most_links == library->maxM_ && preamble.most_links_in_lowest_layer == library->maxM0_ &&
      preamble.M == library->M_ && preamble.ef_construction == library->ef_construction_ &&
      preamble.level_factor == library->mult_;
  if (!is_same_layout || !is_same_kind || preamble.n_vectors != n_vectors || preamble.room < n_vectors ||
      preamble.room > most_room)
    refuse_graph("its graph does not begin as that of its header does");
}

/// Whoever follows them stays within the graph. @throws Error(damaged_data).
void VectorIndex::Graph::check_links() const {
  const std::size_t n = library->cur_element_count;
  const std::vector<int>& layers = library->element_levels_;
  if (library->label_lookup_.size() != n) refuse_graph("an id is twice in its graph");
  if (library->enterpoint_node_ >= n || layers[library->enterpoint_node_] != library->maxlevel_)
    refuse_graph("its graph is entered where it is not");
  for (hnswlib::tableint i = 0; i < n; ++i) {
    if (layers[i] > library->maxlevel_) refuse_graph("a vector is above its graph");
    if (library->isMarkedDeleted(i)) refuse_graph("a vector is marked as deleted");
    for (int layer = 0; layer <= layers[i]; ++layer) {
      hnswlib::linklistsizeint* const list = library->get_linklist_at_level(i, layer);
      const std::size_t n_links = library->getListCount(list);
      if (n_links > (layer == 0 ? library->maxM0_ : library->maxM_))
        refuse_graph("a vector has too many links");
      const std::span<const hnswlib::tableint> links(list + 1, n_links);
      if (!std::ranges::all_of(links, [&](auto to) { return to < n && layers[to] >= layer; }))
        refuse_graph("a link leads out of its graph");
    }
  }
}

VectorIndex::VectorIndex(std::uint32_t dimension, const IndexParameters& parameters)
    : VectorIndex(std::make_unique<Graph>(dimension, parameters)) {}

VectorIndex::VectorIndex(std::unique_ptr<Graph> graph) : graph_(std::move(graph)) {}

VectorIndex::~VectorIndex() = default;

void VectorIndex::insert(ItemId id, std::span<const float> vector) {
  SHARPWAVE_ASSERT(vector.size() == graph_->metric.dimension());
  const std::lock_guard lock(mutex_);
  Graph::Library& library = *graph_->library;
  SHARPWAVE_ASSERT(!library.label_lookup_.contains(id));
  if (library.cur_element_count == library.max_elements_)
    library.resizeIndex(kGrowth * library.max_elements_);
  library.addPoint(vector.data(), id);
}

std::size_t VectorIndex::size() const {
  const std::shared_lock lock(mutex_);
  return graph_->library->cur_element_count;
}

std::uint64_t VectorIndex::bytes() const {
  const std::shared_lock lock(mutex_);
  const Graph::Library& library = *graph_->library;
  return library.max_elements_ * (library.size_data_per_element_ + sizeof(char*) + sizeof(std::mutex) +
                                  sizeof(int) + sizeof(hnswlib::vl_type)) +
         library.cur_element_count * sizeof(*library.label_lookup_.begin());
}

std::vector<ItemId> VectorIndex::ids() const {
  const std::shared_lock lock(mutex_);
  std::vector<ItemId> ids;
  ids.reserve(graph_->library->cur_element_count);
  for (const auto& [id, place] : graph_->library->label_lookup_) ids.push_back(id);
  return ids;
}

std::span<const float> VectorIndex::find(ItemId id) const {
  const std::shared_lock lock(mutex_);
  const auto at = graph_->library->label_lookup_.find(id);
  if (at == graph_->library->label_lookup_.end()) return {};
  return {reinterpret_cast<const float*>(graph_->library->getDataByInternalId(at->second)),
          graph_->metric.dimension()};
}

std::vector<ItemId> VectorIndex::candidates(std::span<const float> query, std::size_t n) const {
  SHARPWAVE_ASSERT(query.size() == graph_->metric.dimension());
  const std::shared_lock lock(mutex_);
  std::vector<ItemId> ids;
  for (auto found = graph_->library->searchKnn(query.data(), n); !found.empty(); found.pop())
    ids.push_back(found.top().second);
  return ids;
}

void VectorIndex::save(const fs::path& folder, const std::string& space) const {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error(ExitCode::io, fmt::format("{}: {}", folder.string(), failure.message()));
  const std::shared_lock lock(mutex_);
  const fs::path path = folder / "graph";
  const fs::path partial = partial_path(path);
  graph_->library->saveIndex(partial.string());
  Content content;
  {
    const FileDescriptor file = open_without_waiting(partial);
    if (!file.is_open()) fail_with_errno(partial, "cannot be opened");
    content = content_of(file, partial);
  }
  // The library does not say whether it could write.
  if (const std::uint64_t expected = graph_->file_bytes(); content.n_bytes != expected) {
    fs::remove(partial, failure);
    throw Error(ExitCode::no_room, fmt::format("{}: {} of {} bytes could be written", partial.string(),
                                               content.n_bytes, expected));
  }
  kill_point("index.made");
  publish_file(path);
  kill_point("index.published");
  write_file_atomically(folder / "header",
                        encode_index_header({.space = space,
                                             .dimension = graph_->metric.dimension(),
                                             .M = graph_->parameters.M,
                                             .ef_construction = graph_->parameters.ef_construction,
                                             .n_vectors = graph_->library->cur_element_count,
                                             .graph_bytes = content.n_bytes,
                                             .graph_digest = content.digest}));
  kill_point("index.saved");
}

/// @param file  with the bytes that `header` is of. They are as they were written, and still not trusted.
std::unique_ptr<VectorIndex::Graph> VectorIndex::read_graph(const FileDescriptor& file, const fs::path& path,
                                                            const IndexHeader& header,
                                                            const IndexParameters& parameters) {
  Preamble preamble;
  if (pread(file.get(), &preamble, sizeof preamble, 0) != sizeof preamble)
    refuse_graph(fmt::format("{} bytes are no graph", header.graph_bytes));
  Graph(header.dimension, parameters).check_preamble(preamble, header);
  try {
    // Whatever takes its name meanwhile, the library reads the file that was looked at.
    auto graph =
        std::make_unique<Graph>(header.dimension, parameters, fmt::format("/proc/self/fd/{}", file.get()));
    if (graph->file_bytes() != header.graph_bytes) refuse_graph("lists of links have odd lengths");
    graph->check_links();
    return graph;
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& error) {
    refuse_graph(fmt::format("{}: {}", path.string(), error.what()));
  }
}

std::unique_ptr<VectorIndex> VectorIndex::load(const fs::path& folder, const std::string& space,
                                               std::uint32_t dimension, const IndexParameters& parameters) {
  const fs::path header_path = folder / "header";
  const FileDescriptor header_file = open_without_waiting(header_path);
  if (!header_file.is_open()) {
    if (errno == ENOENT) return nullptr;
    fail_with_errno(header_path, "cannot be opened");
  }
  std::array<char, kIndexHeaderBytes + 1> bytes{};
  const IndexHeader header = decode_index_header({bytes.data(), read_some(header_file, header_path, bytes)});
  expect_same(header, {.space = space,
                       .dimension = dimension,
                       .M = parameters.M,
                       .ef_construction = parameters.ef_construction});
  const fs::path path = folder / "graph";
  const FileDescriptor file = open_without_waiting(path);
  if (!file.is_open()) fail_with_errno(path, "cannot be opened");
  const Content content = content_of(file, path);
  if (content.n_bytes != header.graph_bytes || content.digest != header.graph_digest)
    refuse_graph("the graph is not the one that the header is of");
  return std::unique_ptr<VectorIndex>(new VectorIndex(read_graph(file, path, header, parameters)));
}

}  // namespace sharpwave::memory

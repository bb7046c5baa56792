#include "memory_store/transaction.hpp"

#include <algorithm>
#include <utility>

#include "host/base/error.hpp"
#include "kernels/dot_product.hpp"
#include "memory_store/codec.hpp"

namespace sharpwave::memory {

namespace {

template <class Map>
void merge_map(Map& into, Map&& later) {
  for (auto& [key, value] : later) into.insert_or_assign(key, std::move(value));
}

template <class Map, class Key>
const typename Map::mapped_type* find_in(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

void put(WriteBatch& batch, Column column, const std::string& key, std::string_view payload) {
  batch.put(column, key, sealed(column, key, payload));
}

}  // namespace

IsMeant Pending::those_left() const {
  const auto is_erased = [](const auto& entry) { return !entry.second.has_value(); };
  if (std::none_of(items.begin(), items.end(), is_erased)) return nullptr;
  return [this](ItemId id) {
    const auto* const here = find_in(items, id);
    return here == nullptr || here->has_value();
  };
}

Neighbour Pending::nearest(std::span<const float> query, const IsMeant& is_meant) const {
  Neighbour best;
  for (const auto& [id, vector] : vectors)
    if (!is_meant || is_meant(id))
      best = nearer(best, {id, dot_product(query.data(), vector.data(), counters.dimension)});
  return best;
}

ItemId Pending::identical(std::span<const float> vector, const IsMeant& is_meant) const {
  for (const auto& [id, here] : vectors)
    if (std::ranges::equal(here, vector) && (!is_meant || is_meant(id))) return id;
  return kNoItem;
}

void Pending::merge(Pending&& later) {
  counters = later.counters;
  merge_map(items, std::move(later.items));
  merge_map(vectors, std::move(later.vectors));
  merge_map(edges, std::move(later.edges));
  merge_map(watermarks, std::move(later.watermarks));
  merge_map(meta, std::move(later.meta));
  std::erase_if(vectors, [&](const auto& entry) { return !items.at(entry.first).has_value(); });
}

WriteBatch Pending::batch() const {
  WriteBatch batch;
  for (const auto& [id, item] : items) {
    const std::string key = item_key(id);
    if (item) {
      put(batch, Column::items, key, encode_item(*item));
    } else {
      batch.erase(Column::items, key);
      batch.erase(Column::vectors, key);
    }
  }
  for (const auto& [id, vector] : vectors) put(batch, Column::vectors, item_key(id), encode_vector(vector));
  for (const auto& [key, edge] : edges) {
    if (edge) {
      put(batch, Column::edges, key, encode_weight(edge->weight));
      put(batch, Column::edges, way_back_key(*edge), {});
    } else {
      batch.erase(Column::edges, key);
      batch.erase(Column::edges, way_back_key(edge_of_key(key)));
    }
  }
  for (const auto& [key, number] : watermarks) put(batch, Column::signals, key, encode_number(number));
  for (const auto& [key, payload] : meta) {
    if (payload)
      put(batch, Column::meta, key, *payload);
    else
      batch.erase(Column::meta, key);
  }
  put(batch, Column::meta, "sequence", encode_number(counters.sequence));
  put(batch, Column::meta, "next_id", encode_number(counters.next_id));
  if (counters.dimension > 0) put(batch, Column::meta, "dimension", encode_number(counters.dimension));
  return batch;
}

Transaction::Transaction(const Below& below, const Pending::Counters& counters)
    : below_(below),
      pending_{.counters = {.sequence = counters.sequence + 1,
                            .next_id = counters.next_id,
                            .dimension = counters.dimension},
               .items = {},
               .vectors = {},
               .edges = {},
               .watermarks = {},
               .meta = {}} {}

std::optional<Item> Transaction::find(ItemId id) const {
  if (const auto* const here = find_in(pending_.items, id)) return *here;
  return below_.item(id);
}

std::optional<Edge> Transaction::find(const Edge& edge) const {
  const std::string key = edge_key(edge);
  if (const auto* const here = find_in(pending_.edges, key)) return *here;
  return below_.edge(key);
}

std::uint64_t Transaction::watermark(const Provenance& provenance) const {
  const std::string key = signal_key(provenance);
  if (const auto* const here = find_in(pending_.watermarks, key)) return *here;
  return below_.watermark(key);
}

std::optional<std::string> Transaction::meta(const std::string& meta_key) const {
  if (const auto* const here = find_in(pending_.meta, meta_key)) return *here;
  return below_.meta(meta_key);
}

std::uint64_t Transaction::number(const std::string& meta_key) const {
  const std::optional<std::string> payload = meta(meta_key);
  return payload ? decode_number(Column::meta, meta_key, *payload) : 0;
}

Neighbour Transaction::nearest(std::span<const float> query) const {
  SHARPWAVE_ASSERT(dimension() == 0 || query.size() == dimension());
  return nearer(below_.nearest(query, pending_.those_left()), pending_.nearest(query, nullptr));
}

ItemId Transaction::identical(std::span<const float> vector) const {
  const ItemId below = below_.identical(vector, pending_.those_left());
  return below != kNoItem ? below : pending_.identical(vector, nullptr);
}

ItemId Transaction::insert(Item item, std::span<const float> vector) {
  std::uint32_t& dimension = pending_.counters.dimension;
  if (dimension == 0) dimension = static_cast<std::uint32_t>(vector.size());
  SHARPWAVE_ASSERT(vector.size() == dimension);
  item.id = pending_.counters.next_id++;
  item.sequence = pending_.counters.sequence;
  const ItemId id = item.id;
  pending_.vectors.emplace(id, std::vector<float>(vector.begin(), vector.end()));
  pending_.items.emplace(id, std::move(item));
  return id;
}

void Transaction::update(Item item) {
  SHARPWAVE_ASSERT(find(item.id).has_value());
  item.sequence = pending_.counters.sequence;
  const ItemId id = item.id;
  pending_.items.insert_or_assign(id, std::move(item));
}

bool Transaction::erase(ItemId id) {
  if (!find(id)) return false;
  std::vector<Edge> edges = below_.edges_of(id);
  for (const auto& [key, edge] : pending_.edges)
    if (edge && (edge->from == id || edge->to == id)) edges.push_back(*edge);
  for (const Edge& edge : edges) pending_.edges.insert_or_assign(edge_key(edge), std::nullopt);
  pending_.items.insert_or_assign(id, std::nullopt);
  pending_.vectors.erase(id);
  return true;
}

void Transaction::put(const Edge& edge) {
  SHARPWAVE_ASSERT(edge.from != edge.to && find(edge.from) && find(edge.to));
  pending_.edges.insert_or_assign(edge_key(edge), edge);
}

void Transaction::set_watermark(const Provenance& provenance) {
  pending_.watermarks.insert_or_assign(signal_key(provenance), provenance.signal);
}

void Transaction::set_number(const std::string& meta_key, std::uint64_t number) {
  set_meta(meta_key, encode_number(number));
}

void Transaction::erase_meta(const std::string& meta_key) {
  pending_.meta.insert_or_assign(meta_key, std::nullopt);
}

void Transaction::set_meta(const std::string& meta_key, std::string payload) {
  pending_.meta.insert_or_assign(meta_key, std::move(payload));
}

}  // namespace sharpwave::memory

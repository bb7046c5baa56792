#include "memory_store/verify.hpp"

#include <fmt/format.h>

#include "memory_store/codec.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostNamed = 100;

class Check {
 public:
  explicit Check(const Space& space) : space_(space) {}

  void look_at(Column column) {
    const std::string unreadable =
        read_around_damage(space_.backend(), column, [&](std::string_view key, std::string_view value) {
          try {
            expect_whole(column, key, value, space_.dimension());
            if (column == Column::edges) expect_items_of(key);
          } catch (const DamagedValue& damaged) {
            note(column, damaged.what());
            return;
          }
          ++result_.contents.values;
          if (column == Column::items) ++result_.contents.items;
        });
    if (!unreadable.empty()) note(column, unreadable);
  }
  [[nodiscard]] SpaceCheck take() {
    result_.contents.sequence = space_.sequence();
    return std::move(result_);
  }

 private:
  void note(Column column, const std::string& what) {
    const Damage found{name_of(column), what};
    space_.note_damage(found);
    if (result_.damage.size() < kMostNamed) result_.damage.push_back(found);
  }
  void expect_items_of(std::string_view key) const {
    const bool is_way_back = key.starts_with('\1');
    const Edge edge = is_way_back ? edge_of_way_back(key) : edge_of_key(key);
    for (const ItemId id : {edge.from, edge.to})
      if (!space_.find(id) && space_.backend().get(Column::edges, key))
        throw DamagedValue(Column::edges, key, fmt::format("an edge of item {}, which is not there", id));
  }

  const Space& space_;
  SpaceCheck result_;
};

}  // namespace

SpaceCheck verify(const Space& space) {
  Check check(space);
  for (const Column column : kColumns) check.look_at(column);
  return check.take();
}

}  // namespace sharpwave::memory

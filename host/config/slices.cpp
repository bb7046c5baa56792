// Parts of populations by name: `E`, `E[7]`, `E[0:100]`, `E[::10]`.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "host/config/draft.hpp"

namespace sharpwave::config {
namespace {

constexpr const char* kForms = "NAME, NAME[i], NAME[start:stop] or NAME[start:stop:stride]";

/// The numbers between the brackets; nothing where it is none of the forms.
std::optional<std::vector<std::optional<std::uint32_t>>> bracket_numbers(std::string_view inside) {
  std::vector<std::optional<std::uint32_t>> numbers;
  while (true) {
    const std::size_t end = std::min(inside.find(':'), inside.size());
    const std::string_view field = inside.substr(0, end);
    std::uint32_t value = 0;
    if (field.empty()) {
      numbers.emplace_back();
    } else {
      const auto read = std::from_chars(field.data(), field.data() + field.size(), value);
      if (read.ec != std::errc{} || read.ptr != field.data() + field.size()) return std::nullopt;
      numbers.emplace_back(value);
    }
    if (end == inside.size()) break;
    inside.remove_prefix(end + 1);
  }
  if (numbers.size() > 3 || (numbers.size() == 1 && !numbers[0])) return std::nullopt;
  return numbers;
}

}  // namespace

std::uint32_t Draft::scaled_size(std::uint32_t population) const {
  const double full = spec.populations[population].size;
  // To even at .5, as NumPy's round in the reference implementation of the microcircuit.
  return scaling.neurons == 1 ? spec.populations[population].size
                              : static_cast<std::uint32_t>(std::nearbyint(full * scaling.neurons));
}

std::optional<NamedSlice> read_slice(Draft& draft, const Node& node, const std::string& path, Sizes sizes) {
  Context& context = draft.context;
  if (context.stopped()) return std::nullopt;
  if (!node.is_scalar()) {
    context.fault(node, path, kForms);
    return std::nullopt;
  }
  const std::size_t bracket = std::min(node.text.find('['), node.text.size());
  const std::string name = node.text.substr(0, bracket);
  const auto found = draft.population_index.find(name);
  if (found == draft.population_index.end()) {
    std::vector<std::string> names;
    for (const auto& entry : draft.population_index) names.push_back(entry.first);
    context.fault(node, path, "the name of a population", did_you_mean(name, names));
    return std::nullopt;
  }
  const std::uint32_t size =
      sizes == Sizes::full ? draft.spec.populations[found->second].size : draft.scaled_size(found->second);
  NamedSlice named{{found->second, 0, size, 1}, node.text};
  if (bracket == node.text.size()) return named;
  const auto numbers =
      node.text.back() == ']'
          ? bracket_numbers(std::string_view(node.text).substr(bracket + 1, node.text.size() - bracket - 2))
          : std::nullopt;
  if (!numbers) {
    context.fault(node, path, kForms);
    return std::nullopt;
  }
  Slice& slice = named.slice;
  slice.start = numbers->at(0).value_or(0);
  slice.stop = numbers->size() == 1 ? slice.start + 1 : numbers->at(1).value_or(size);
  slice.stride = numbers->size() == 3 ? numbers->at(2).value_or(1) : 1;
  if (slice.start >= slice.stop || slice.stop > size || slice.stride == 0) {
    context.fault(node, path,
                  "0 <= start < stop <= " + std::to_string(size) + ", the size of " + name +
                      ", and a stride of at least 1");
    return std::nullopt;
  }
  return named;
}

std::vector<NamedSlice> read_slices(Draft& draft, const Node& node, const std::string& path, Sizes sizes) {
  std::vector<NamedSlice> slices;
  if (!node.is_sequence()) {
    if (auto slice = read_slice(draft, node, path, sizes)) slices.push_back(std::move(*slice));
    return slices;
  }
  if (node.children.empty()) draft.context.fault(node, path, "at least one population");
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const std::string item = path + "[" + std::to_string(i) + "]";
    if (auto slice = read_slice(draft, node.children[i], item, sizes)) slices.push_back(std::move(*slice));
  }
  return slices;
}

std::string unique_name(Draft& draft, Names& names, const std::optional<std::string>& given,
                        const std::string& fallback, const Node& node, const std::string& path) {
  if (given) {
    if (!names.taken.insert(*given).second) {
      const Node* name = node.find("name");
      draft.context.fault(name == nullptr ? node : *name, path + ".name",
                          "a name that no other has: it keys the random draws");
    }
    return *given;
  }
  std::string name = fallback;
  if (names.taken.insert(name).second) return name;
  std::uint32_t& suffix = names.next_suffix.try_emplace(fallback, 2).first->second;
  do {
    name = fallback + "#" + std::to_string(suffix++);
  } while (!names.taken.insert(name).second);
  return name;
}

}  // namespace sharpwave::config

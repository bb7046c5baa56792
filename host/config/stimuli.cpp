// `stimuli`: what can be presented, from images, tables of rates, and files of spikes.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "host/base/sha256.hpp"
#include "host/base/stream_key.hpp"
#include "host/config/draft.hpp"
#include "host/io/idx.hpp"
#include "host/io/sonata.hpp"
#include "host/io/spike_files.hpp"
#include "host/io/text_file.hpp"
#include "host/network/protocol_spec.hpp"
#include "host/network/step_times.hpp"
#include "kernels/philox.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave::config {
namespace {

constexpr std::size_t kMostStimuli = 1000;
constexpr std::size_t kMostLevels = 1 << 16;
constexpr std::uint64_t kMostItems = 100'000'000;

class StimulusReader {
 public:
  StimulusReader(Draft& draft, const std::string& name, const Node& node)
      : draft_(draft),
        context_(draft.context),
        map_(draft.context, node, Section::stimulus, "stimuli." + name) {
    stimulus_.name = name;
  }

  StimulusSpec read() {
    const PopulationSpec* population = find_population();
    const int n_kinds = map_.has("images") + map_.has("rates") + map_.has("spikes");
    if (n_kinds != 1) map_.fault("images", "exactly one of images, rates, spikes");
    if (population == nullptr || n_kinds != 1) {
      for (const std::string& key : key_names(Section::stimulus)) static_cast<void>(map_.find(key));
      return stimulus_;
    }
    const bool is_of_spikes = map_.has("spikes");
    const bool fits = is_of_spikes ? std::holds_alternative<SpikeSourceSpec>(population->kind)
                                   : std::holds_alternative<PoissonSourceSpec>(population->kind);
    if (!fits) map_.fault("population", is_of_spikes ? "a spike_source" : "a poisson_source");
    if (map_.has("images"))
      read_images();
    else if (map_.has("rates"))
      read_rates();
    else
      read_spikes();
    if (stimulus_.n_items > 0) read_labels();
    static_cast<void>(map_.find("labels"));
    static_cast<void>(map_.find("obtain"));
    map_.set_inapplicable("not for stimuli of this kind");
    return std::move(stimulus_);
  }

 private:
  const PopulationSpec* find_population() {
    static_cast<void>(map_.require("population"));
    const auto name = map_.optional_text("population");
    if (!name) return nullptr;
    const auto found = draft_.population_index.find(*name);
    if (found != draft_.population_index.end() && draft_.spec.populations[found->second].is_virtual()) {
      stimulus_.population = found->second;
      stimulus_.size = draft_.spec.populations[found->second].size;
      return &draft_.spec.populations[found->second];
    }
    std::vector<std::string> names;
    for (const PopulationSpec& population : draft_.spec.populations)
      if (population.is_virtual()) names.push_back(population.name);
    map_.fault("population", "the name of a poisson_source or a spike_source", did_you_mean(*name, names));
    return nullptr;
  }

  /// The content of the file that a text names; nothing after a fault.
  std::optional<std::string> content(const char* key, const std::string& name, std::string& found_as) {
    const auto path = find_data_file(draft_, map_, key, name, where_to_obtain(map_));
    if (!path) return std::nullopt;
    found_as = path->string();
    std::string content = read_text_file(*path, kLargestFileBytes);
    if (!may_hold(key, content.size())) return std::nullopt;
    draft_.file_digests.push_back(to_hex(sha256(content)));
    return content;
  }

  /// All stimuli together: each time that a file is named counts, by what it holds.
  bool may_hold(const char* key, std::uint64_t bytes) {
    constexpr std::uint64_t kBytesPerValue = 64;
    return context_.may_read(*map_.find(key), map_.path_of(key), 1 + bytes / kBytesPerValue);
  }

  std::optional<IdxArray> read_idx_file(const char* key) {
    const auto name = map_.optional_text(key);
    if (!name) return std::nullopt;
    try {
      std::string path;
      const auto bytes = content(key, *name, path);
      if (!bytes) return std::nullopt;
      return read_idx(*bytes, path);
    } catch (const Error& error) {
      map_.fault(key, "a readable file of the IDX format", error.what());
      return std::nullopt;
    }
  }

  void read_images() {
    static_cast<void>(map_.require("max_rate"));
    const double max_Hz = map_.optional_number("max_rate").value_or(0);
    check_rate("max_rate", max_Hz);
    const double missing = map_.optional_number("missing").value_or(0);
    const auto images = read_idx_file("images");
    if (!images || !may_hold("images", images->values.size())) return;
    std::uint64_t pixels = 1;
    for (std::size_t k = 1; k < images->shape.size(); ++k) pixels *= images->shape[k];
    if (images->shape.size() < 2 || pixels != stimulus_.size)
      return map_.fault("images", "images of " + std::to_string(stimulus_.size) +
                                      " pixels, as many as the population has sources, not " +
                                      std::to_string(pixels));
    stimulus_.n_items = images->shape[0];
    for (int level = 0; level < 256; ++level) stimulus_.level_rates_Hz.push_back(max_Hz * level / 255);
    stimulus_.levels.assign(images->values.begin(), images->values.end());
    leave_pixels_out(missing);
  }

  /// An image is data, so which of its pixels are missing depends on no seed.
  void leave_pixels_out(double share) {
    const PhiloxKey key = stream_key(RandomPurpose::missing_pixels, 0, stimulus_.name);
    for (std::size_t item = 0; share > 0 && item < stimulus_.n_items; ++item)
      for (std::size_t pixel = 0; pixel < stimulus_.size; ++pixel)
        if (philox4x32_10(key, item, pixel).w0 * 0x1p-32 < share)
          stimulus_.levels[item * stimulus_.size + pixel] = 0;
  }

  bool check_rate(const char* key, double rate_Hz) {
    const double most_Hz = kPoissonMaxMean / (context_.dt_ms * 1e-3);
    if (rate_Hz <= most_Hz) return true;
    map_.fault(key, "rates of at most " + plain(most_Hz) + " Hz");
    return false;
  }

  void read_rates() {
    const Node& node = *map_.find("rates");
    std::vector<std::vector<double>> rows;
    const std::size_t faults_before = context_.n_faults();
    if (node.is_sequence()) {
      for (std::size_t i = 0; i < node.children.size(); ++i)
        rows.push_back(context_.numbers(
            node.children[i], map_.path_of("rates") + "[" + std::to_string(i) + "]", map_.info("rates")));
    } else if (!read_table(rows)) {
      return;
    }
    if (context_.n_faults() > faults_before) return;
    std::map<double, std::uint16_t> levels;
    for (const std::vector<double>& row : rows) {
      if (row.size() != stimulus_.size)
        return map_.fault("rates", "rows of " + std::to_string(stimulus_.size) +
                                       " rates, as many as the population has sources, not " +
                                       std::to_string(row.size()));
      for (const double rate_Hz : row) {
        if (!(rate_Hz >= 0)) return map_.fault("rates", "rates >= 0 Hz");
        if (!check_rate("rates", rate_Hz)) return;
        const auto [place, is_new] = levels.emplace(rate_Hz, static_cast<std::uint16_t>(levels.size()));
        if (is_new) stimulus_.level_rates_Hz.push_back(rate_Hz);
        if (levels.size() > kMostLevels)
          return map_.fault("rates", "at most " + std::to_string(kMostLevels) + " different rates");
        stimulus_.levels.push_back(place->second);
      }
    }
    if (rows.empty()) return map_.fault("rates", "a row of rates at least");
    stimulus_.n_items = static_cast<std::uint32_t>(rows.size());
  }

  /// Lines of numbers; `#` begins a comment.
  bool read_table(std::vector<std::vector<double>>& rows) {
    const auto name = map_.optional_text("rates");
    if (!name) return false;
    try {
      std::string path;
      const auto text = content("rates", *name, path);
      if (!text) return false;
      int line = 0;
      for (std::size_t start = 0; start < text->size();) {
        const std::size_t end = std::min(text->find('\n', start), text->size());
        std::string_view rest = std::string_view(*text).substr(start, end - start);
        rest = rest.substr(0, rest.find('#'));
        ++line;
        start = end + 1;
        std::vector<double> row;
        constexpr const char* kBlanks = " \t\r,";
        for (std::size_t at = rest.find_first_not_of(kBlanks); at != std::string_view::npos;
             at = rest.find_first_not_of(kBlanks)) {
          rest.remove_prefix(at);
          const std::string_view field = rest.substr(0, rest.find_first_of(kBlanks));
          rest.remove_prefix(field.size());
          const auto number = parse_number(field);
          if (!number) {
            context_.fault_in_file(
                map_.find("rates")->position,
                {path, line, 0, map_.path_of("rates"), in_quotes(std::string(field)), "a rate in Hz", ""});
            return false;
          }
          row.push_back(*number);
        }
        if (!row.empty()) rows.push_back(std::move(row));
      }
      return true;
    } catch (const Error& error) {
      map_.fault("rates", "a readable file of rates", error.what());
      return false;
    }
  }

  void read_spikes() {
    const Node& node = *map_.find("spikes");
    const std::string at = map_.path_of("spikes");
    const auto window = map_.optional_steps("window");
    if (map_.has("window") && window == 0) return map_.fault("window", "more than 0 ms");
    std::vector<std::string> names;
    const bool is_list = node.is_sequence();
    if (!is_list && node.is_scalar()) names.push_back(node.text);
    for (std::size_t i = 0; is_list && i < node.children.size(); ++i)
      names.push_back(context_.text(node.children[i], at + "[" + std::to_string(i) + "]").value_or(""));
    if (names.empty()) return map_.fault("spikes", "a file of spikes, or a list of them");
    stimulus_.spike_begin = {0};
    for (const std::string& name : names)
      if (!add_spikes(name, window)) return;
    stimulus_.n_items = static_cast<std::uint32_t>(stimulus_.spike_begin.size() - 1);
  }

  /// One item, or one for each window until the last spike.
  bool add_spikes(const std::string& name, std::optional<std::uint64_t> window) {
    SpikeSourceSpec spikes;
    try {
      std::string path;
      if (!content("spikes", name, path)) return false;
      const bool is_sonata = path.ends_with(".h5") || path.ends_with(".hdf5");
      spikes =
          is_sonata ? read_sonata_spikes(path, "", stimulus_.size) : read_text_spikes(path, stimulus_.size);
    } catch (const Error& error) {
      map_.fault("spikes", "a readable file of spikes", error.what());
      return false;
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> steps;
    for (std::size_t k = 0; k < spikes.indices.size(); ++k) {
      if (!(spikes.times_ms[k] > 0)) {
        map_.fault("spikes", "times > 0 ms only: the first step ends at dt");
        return false;
      }
      steps.emplace_back(spike_step(spikes.times_ms[k], context_.dt_ms), spikes.indices[k]);
    }
    std::ranges::sort(steps);
    const std::uint64_t last = steps.empty() ? 1 : steps.back().first;
    const std::uint64_t n_items = window ? (last + *window - 1) / *window : 1;
    if (n_items > kMostItems - stimulus_.spike_begin.size() ||
        !context_.may_read(*map_.find("spikes"), map_.path_of("spikes"), n_items)) {
      map_.fault("window", "windows of which there are at most " + std::to_string(kMostItems));
      return false;
    }
    std::size_t k = 0;
    for (std::uint64_t item = 0; item < n_items; ++item) {
      const std::uint64_t before = window ? item * *window : 0;
      for (; k < steps.size() && (!window || steps[k].first <= before + *window); ++k) {
        stimulus_.spike_steps.push_back(steps[k].first - before);
        stimulus_.spike_sources.push_back(steps[k].second);
      }
      stimulus_.spike_begin.push_back(stimulus_.spike_steps.size());
    }
    return true;
  }

  void read_labels() {
    const Node* node = map_.find("labels");
    if (node == nullptr) return;
    if (node->is_sequence()) {
      for (const double label : context_.numbers(*node, map_.path_of("labels"), map_.info("labels"))) {
        if (label != std::floor(label)) return map_.fault("labels", "whole numbers");
        stimulus_.labels.push_back(static_cast<std::uint32_t>(label));
      }
    } else if (const auto labels = read_idx_file("labels")) {
      if (labels->shape.size() != 1) return map_.fault("labels", "a file of one dimension");
      stimulus_.labels.assign(labels->values.begin(), labels->values.end());
    } else {
      return;
    }
    if (stimulus_.labels.size() != stimulus_.n_items)
      map_.fault("labels", "as many as there are items, " + std::to_string(stimulus_.n_items) + ", not " +
                               std::to_string(stimulus_.labels.size()));
  }

  Draft& draft_;
  Context& context_;
  MapReader map_;
  StimulusSpec stimulus_;
};

}  // namespace

void read_presented_names(Draft& draft, const Node& node) {
  for (const Node& stimulus : node.children) {
    const Node* population = stimulus.is_map() ? stimulus.find("population") : nullptr;
    if (population != nullptr && population->is_scalar()) draft.presented.insert(population->text);
  }
}

bool read_stimuli(Draft& draft, const Node& node, ProtocolSpec& protocol) {
  Context& context = draft.context;
  if (!node.is_map() || node.keys.size() > kMostStimuli) {
    context.fault(node, "stimuli", "a map of at most " + std::to_string(kMostStimuli) + " stimuli");
    return false;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& [name, position] = node.keys[i];
    if (!is_file_word(name))
      context.fault(position, "stimuli." + name, in_quotes(name),
                    "a name of at most 100 letters, digits, _ and -");
    protocol.stimuli.push_back(StimulusReader(draft, name, node.children[i]).read());
  }
  return true;
}

}  // namespace sharpwave::config

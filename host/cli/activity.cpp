#include "host/cli/activity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "host/base/dots.hpp"
#include "host/cli/format.hpp"
#include "host/network/protocol_spec.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kDotColumns = Activity::kRasterColumns * kDotsAcross;
constexpr std::uint32_t kMostSamples = 64;  // neurons behind one dot row; bits of a word
constexpr double kReadableDensity = 0.12;   // share of lit dots that still shows structure
constexpr std::size_t kWidestLabel = 12;

/// Rows for each population, in proportion to its size, at least one each.
std::vector<std::size_t> share_rows(const std::vector<std::uint32_t>& sizes, std::size_t rows) {
  std::vector<std::size_t> shares(sizes.size(), 1);
  for (std::size_t given = sizes.size(); given < rows; ++given) {
    const auto most_crowded = std::max_element(shares.begin(), shares.end(), [&](auto& a, auto& b) {
      const double size_a = sizes[static_cast<std::size_t>(&a - shares.data())];
      const double size_b = sizes[static_cast<std::size_t>(&b - shares.data())];
      return size_a * static_cast<double>(b) < size_b * static_cast<double>(a);
    });
    ++*most_crowded;
  }
  return shares;
}

}  // namespace

Activity::Activity(const ModelSpec& spec, std::size_t sparkline_columns)
    : populations_(spec),
      warm_up_steps_(spec.simulation.warm_up_steps),
      steps_(std::max<std::uint64_t>(
          1, spec.protocol != nullptr ? spec.protocol->least_steps() : spec.simulation.steps)),
      dt_ms_(spec.simulation.dt_ms),
      sparkline_columns_(sparkline_columns),
      counts_(populations_.count(), std::vector<std::uint64_t>(sparkline_columns)) {
  for (std::size_t rank = 0; rank < populations_.count(); ++rank) {
    const PopulationSpec& population = spec.populations[populations_.index_in_spec(rank)];
    names_.push_back(population.name);
    sizes_.push_back(population.size);
  }
  lay_out_bands();
}

void Activity::lay_out_bands() {
  const std::size_t drawn = std::min(populations_.count(), kRasterRows);
  if (drawn == 0) return;
  const auto rows =
      share_rows({sizes_.begin(), sizes_.begin() + static_cast<std::ptrdiff_t>(drawn)}, kRasterRows);
  std::size_t dot_row = 0;
  for (std::size_t rank = 0; rank < drawn; ++rank) {
    Band band{.first_dot_row = dot_row, .dot_rows = rows[rank] * kDotsDown};
    const auto dot_rows = static_cast<std::uint32_t>(band.dot_rows);
    band.samples = std::clamp(sizes_[rank] / dot_rows, 1U, kMostSamples);
    band.stride = std::max(1U, sizes_[rank] / (dot_rows * band.samples));
    bands_.push_back(band);
    dot_row += band.dot_rows;
  }
  dots_.assign(dot_row * kDotColumns, 0);
}

void Activity::add(const Block& block) {
  if (steps_done_ == 0) first_step_ = block.first_step - warm_up_steps_ - 1;
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    const std::uint64_t step = block.first_step + i - warm_up_steps_ - 1;  // from 0
    // What a protocol repeats takes longer: that is in the last column.
    const auto column_of = [&](std::size_t n) {
      return std::min(n - 1, static_cast<std::size_t>(step * n / steps_));
    };
    const std::size_t column = column_of(sparkline_columns_);
    const std::size_t dot_column = column_of(kDotColumns);
    const std::span<const std::uint32_t> ids(block.ids);
    populations_.split(ids.subspan(block.offsets[i], block.offsets[i + 1] - block.offsets[i]),
                       [&](std::size_t rank, std::span<const std::uint32_t> of_population) {
                         counts_[rank][column] += of_population.size();
                         const auto first = static_cast<std::uint32_t>(populations_.first_id(rank));
                         for (const std::uint32_t id : of_population)
                           draw_spike(rank, id - first, dot_column);
                       });
  }
  steps_done_ += block.n_steps;
}

void Activity::draw_spike(std::size_t rank, std::uint32_t index, std::size_t dot_column) {
  if (rank >= bands_.size() || index % bands_[rank].stride != 0) return;
  const Band& band = bands_[rank];
  const std::uint32_t slot = index / band.stride;
  if (slot / band.samples >= band.dot_rows) return;
  const std::size_t dot_row = band.first_dot_row + slot / band.samples;
  dots_[dot_row * kDotColumns + dot_column] |= std::uint64_t{1} << (slot % band.samples);
}

std::uint64_t Activity::steps_in_column(std::size_t column) const {
  // The steps s with s * columns / steps == column are those from ceil(column * steps / columns) on.
  const auto first = [&](std::uint64_t c) {
    return (c * steps_ + sparkline_columns_ - 1) / sparkline_columns_;
  };
  const std::uint64_t done = first_step_ + steps_done_;
  const std::uint64_t end = column + 1 == sparkline_columns_ ? done : std::min(done, first(column + 1));
  const std::uint64_t begin = std::max(first_step_, first(column));
  return end > begin ? end - begin : 0;
}

std::string Activity::sparkline(std::size_t rank) const {
  std::vector<double> rates;
  for (std::size_t column = 0; column < sparkline_columns_; ++column) {
    const std::uint64_t covered = steps_in_column(column);
    rates.push_back(covered == 0 ? -1
                                 : static_cast<double>(counts_[rank][column]) / static_cast<double>(covered));
  }
  const double highest = *std::max_element(rates.begin(), rates.end());
  std::string line;
  for (const double rate : rates) {
    if (rate < 0) {
      line += ' ';
    } else {
      append_character(line,
                       kLowestBlock + static_cast<unsigned>(highest > 0 ? 7.0 * rate / highest + 0.5 : 0));
    }
  }
  return line;
}

unsigned Activity::readable_samples() const {
  // lit[s]: dots whose first sample that spiked is s, so that partial sums count the dots lit by s+1 samples.
  std::array<std::uint64_t, kMostSamples> lit{};
  for (const std::uint64_t dot : dots_) {
    if (dot != 0) ++lit[static_cast<std::size_t>(std::countr_zero(dot))];
  }
  const double readable = kReadableDensity * static_cast<double>(dots_.size());
  std::uint64_t dots = lit[0];
  unsigned samples = 1;
  while (samples < kMostSamples && static_cast<double>(dots + lit[samples]) <= readable)
    dots += lit[samples++];
  return samples;
}

std::string Activity::raster_row(std::size_t row, std::uint64_t samples_mask) const {
  std::string line;
  for (std::size_t column = 0; column < kRasterColumns; ++column) {
    unsigned character = kBraille;
    for (std::size_t down = 0; down < kDotsDown; ++down) {
      for (std::size_t across = 0; across < kDotsAcross; ++across) {
        const std::size_t dot = (row * kDotsDown + down) * kDotColumns + column * kDotsAcross + across;
        if ((dots_[dot] & samples_mask) != 0) character |= kDotBits[down][across];
      }
    }
    append_character(line, character);
  }
  return line;
}

std::vector<std::string> Activity::raster(bool colour) const {
  std::vector<std::string> lines;
  if (bands_.empty()) return lines;
  std::size_t label = 0;
  for (std::size_t rank = 0; rank < bands_.size(); ++rank) label = std::max(label, columns(names_[rank]));
  label = std::min(label, kWidestLabel);
  const unsigned samples = readable_samples();
  const std::uint64_t mask = samples == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << samples) - 1;
  std::uint64_t drawn = 0;
  for (std::size_t rank = 0; rank < bands_.size(); ++rank) {
    const Band& band = bands_[rank];
    drawn += std::min<std::uint64_t>(sizes_[rank], band.dot_rows * std::min(samples, band.samples));
    for (std::size_t row = 0; row < band.dot_rows / kDotsDown; ++row) {
      const std::string dots = raster_row(band.first_dot_row / kDotsDown + row, mask);
      const std::string name = left(row == 0 ? std::string_view(names_[rank]) : std::string_view(), label);
      lines.push_back(colour ? fmt::format("{} │\x1b[3{}m{}\x1b[0m", name, rank % 2 == 0 ? 6 : 3, dots)
                             : fmt::format("{} │{}", name, dots));
    }
  }
  const auto time = [&](std::uint64_t step) { return milliseconds(static_cast<double>(step) * dt_ms_); };
  const std::string begin = time(warm_up_steps_);
  lines.push_back(fmt::format("{} {}{}", std::string(label, ' '), begin,
                              right(time(warm_up_steps_ + steps_), kRasterColumns + 1 - columns(begin))));
  lines.push_back(fmt::format("{} {} of {} neurons drawn{}", std::string(label, ' '), grouped(drawn),
                              grouped(populations_.n_ids()),
                              bands_.size() < populations_.count() ? ", of the first populations" : ""));
  return lines;
}

}  // namespace sharpwave::cli

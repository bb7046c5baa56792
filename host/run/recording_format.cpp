#include "host/run/recording_format.hpp"

namespace sharpwave::recording {
namespace {

/// All numbers but the histogram.
constexpr std::uint64_t PlasticityReading::*kNumbers[] = {
    &PlasticityReading::updates,     &PlasticityReading::potentiations,   &PlasticityReading::depressions,
    &PlasticityReading::raised,      &PlasticityReading::lowered,         &PlasticityReading::steps_plus,
    &PlasticityReading::steps_minus, &PlasticityReading::unchanged_steps, &PlasticityReading::weight_sum,
    &PlasticityReading::at_min,      &PlasticityReading::at_max};
static_assert(std::size(kNumbers) + PlasticityReading::kBins == kMetricNumbers);

}  // namespace

std::array<std::uint64_t, kMetricNumbers> to_numbers(const PlasticityReading& reading) {
  std::array<std::uint64_t, kMetricNumbers> numbers{};
  std::size_t at = 0;
  for (const auto number : kNumbers) numbers[at++] = reading.*number;
  std::ranges::copy(reading.histogram, numbers.begin() + static_cast<std::ptrdiff_t>(at));
  return numbers;
}

PlasticityReading from_numbers(std::span<const std::uint64_t, kMetricNumbers> numbers) {
  PlasticityReading reading;
  std::size_t at = 0;
  for (const auto number : kNumbers) reading.*number = numbers[at++];
  std::ranges::copy(numbers.subspan(at), reading.histogram.begin());
  return reading;
}

}  // namespace sharpwave::recording

// What reads a log that nobody vouches for: its lines, the patterns of messages, the masking of secrets, and
// what all of it comes to.
#include <string>

#include "host/operate/log_analysis.hpp"
#include "host/operate/log_line.hpp"
#include "host/operate/message_pattern.hpp"
#include "host/operate/metrics_text.hpp"
#include "host/operate/secrets.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave::fuzz;
  using namespace sharpwave::operate;
  const std::string_view text = text_of(data, size);
  LogAnalysis analysis;
  std::uint64_t n_lines = 0;
  for (std::size_t at = 0; at < text.size(); ++n_lines) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const LineOutcome outcome = read_log_line(line);
    require(outcome.line.has_value() == outcome.fault.empty(), "a line and a fault, or neither",
            outcome.fault);
    if (outcome.line) ++verdicts.accepted;
    if (!outcome.line) verdicts.refusal = outcome.fault;
    analysis.add_line({line, n_lines + 1, line.size()}, "log");
  }
  const LogSummary summary = analysis.summary();
  require(summary.n_counted + summary.n_malformed == n_lines, "lines that are neither counted nor malformed");
  require(summary.timeline.size() <= kMostBins, "too long a timeline");
  // What is no UTF-8 would throw here.
  require(!analysis_json(summary).dump().empty(), "no JSON");
  const std::string masked = mask_secrets(text);
  require(mask_secrets(text) == masked, "a text that is masked otherwise the second time");
  require(message_pattern(text).size() <= 243, "too long a pattern");
  static_cast<void>(parse_metrics(text));
  // Behind a sign that nobody can take for another a secret is masked, whatever stands before it. The fuzzer
  // sees what is compared, and learns to write the secret itself.
  constexpr std::string_view kSecret = "Hunter2Sesame";
  if (text.find(kSecret) == std::string_view::npos) {
    const std::string planted = std::string(text) + "\npassword=" + std::string(kSecret) + "\n";
    require(mask_secrets(planted).find(kSecret) == std::string::npos, "a secret that is not masked");
  }
  return 0;
}

// Checked access to the tree of a config. Every fault is noted and replaced by a harmless value, so that
// reading goes on and the user sees all of them at once.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/diagnostic.hpp"
#include "host/config/document.hpp"
#include "host/config/expression.hpp"
#include "host/config/key_table.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::config {

/// Numbers of steps are below it: doubles hold them exactly.
inline constexpr std::uint64_t kExactSteps = std::uint64_t{1} << 52;

/// A text that a config is made of.
struct Source {
  std::string name;
  int line = 0;  ///< of an override that stands in the config; 0: the place is in the text itself
  int column = 0;
};

/// What all readers share: names of the texts, the parameters, and the faults so far.
class Context {
 public:
  /// @param sources  [Position::source]: the config, then one for each override.
  explicit Context(std::vector<Source> sources);

  Parameters parameters;
  double dt_ms = 0.1;

  void fault(const Position& at, const std::string& path, std::string read, std::string expected,
             std::string hint = {});
  /// A fault at a node: what was read is described from it.
  void fault(const Node& node, const std::string& path, std::string expected, std::string hint = {});
  void warn(const Position& at, const std::string& path, std::string read, std::string expected);
  void add_faults(std::vector<Diagnostic> faults);
  /// A fault in a file that the config names at `at`, which is where it is sorted in.
  /// @param place  file, line, column, and what is wrong there.
  void fault_in_file(const Position& at, Diagnostic place);
  /// Those that are not shown included.
  [[nodiscard]] std::size_t n_faults() const { return n_faults_; }
  /// True once there are more faults than are shown, or more has been read than a config can mean: what
  /// follows need not be looked at, and numbers no longer are.
  [[nodiscard]] bool stopped() const;
  /// Counts values that are about to be read; false, after a fault, once they are too many. A list counts for
  /// each object that it is read for, so that a short text cannot ask for work without limit.
  [[nodiscard]] bool may_read(const Node& node, const std::string& path, std::uint64_t n = 1);
  /// In order of position.
  [[nodiscard]] std::vector<Diagnostic> take_faults();
  [[nodiscard]] std::vector<Diagnostic> take_warnings() { return std::move(warnings_); }

  /// Number of a scalar node, expressions evaluated, range checked; nothing after a fault.
  std::optional<double> number(const Node& node, const std::string& path, const KeyInfo& key);
  std::optional<std::uint64_t> integer(const Node& node, const std::string& path, const KeyInfo& key);
  std::optional<std::string> text(const Node& node, const std::string& path);
  /// Numbers of a sequence; empty after a fault.
  std::vector<double> numbers(const Node& node, const std::string& path, const KeyInfo& key);
  /// A multiple of dt in steps, rounded to the grid; nothing after a fault.
  std::optional<std::uint64_t> steps(double time_ms, const Node& node, const std::string& path);

 private:
  struct Noted {
    Position at;
    Diagnostic diagnostic;
  };
  void note(const Position& at, Diagnostic diagnostic);
  Diagnostic make(const Position& at, const std::string& path, std::string read, std::string expected,
                  std::string hint) const;

  std::vector<Source> sources_;
  std::vector<Noted> faults_;
  std::size_t n_faults_ = 0;
  std::uint64_t n_values_ = 0;
  std::vector<Diagnostic> warnings_;
};

/// Is that many steps a whole number of them, but for rounding?
[[nodiscard]] bool on_grid(double in_steps);

/// The keys of one map. Its destructor reports the keys that nobody asked for, as unknown or, where the
/// section has them, as not applicable here.
class MapReader {
 public:
  /// @param inapplicable  why a key of the section may be refused: "not for a parrot".
  MapReader(Context& context, const Node& node, Section section, std::string path,
            std::string inapplicable = {});
  ~MapReader();
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] const KeyInfo& info(std::string_view key) const { return key_info(section_, key); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] Context& context() const { return context_; }
  [[nodiscard]] bool has(std::string_view key) const { return node_.find(key) != nullptr; }
  void set_inapplicable(std::string why) { inapplicable_ = std::move(why); }

  /// The value of a key, or null; from now on the key is known here.
  const Node* find(std::string_view key);
  /// The same; its absence is a fault.
  const Node* require(std::string_view key);
  /// A fault at the key's value, or at the map where the key is not there.
  void fault(std::string_view key, std::string expected, std::string hint = {});

  double number(std::string_view key);  ///< with the table's default
  std::optional<double> optional_number(std::string_view key);
  std::optional<double> required_number(std::string_view key);
  std::uint64_t integer(std::string_view key);  ///< with the table's default
  std::optional<std::uint64_t> optional_integer(std::string_view key);
  std::optional<bool> optional_boolean(std::string_view key);
  std::optional<std::string> optional_text(std::string_view key);
  /// The word, which is one of the table's choices; nothing if it is absent or wrong.
  std::optional<std::string> optional_choice(std::string_view key);
  std::optional<std::string> required_choice(std::string_view key);
  /// A time that must be a multiple of dt.
  std::optional<std::uint64_t> optional_steps(std::string_view key);

 private:
  std::optional<std::string> choice_of(const Node& node, std::string_view key);

  Context& context_;
  const Node& node_;
  Section section_;
  std::string path_;
  std::string inapplicable_;
  std::set<std::string, std::less<>> known_;
};

/// A constant, a distribution, or a list of `n_values` numbers, all possible values within the key's range.
/// @param n_values  0: a list is a fault.
[[nodiscard]] Values read_values(Context& context, const Node& node, const std::string& path,
                                 const KeyInfo& key, std::uint64_t n_values);
/// As read_values, for delays: constants on the grid, draws bounded below by dt.
[[nodiscard]] Values read_delays(Context& context, const Node& node, const std::string& path,
                                 const KeyInfo& key, std::uint64_t n_values);
/// Bounds of a distribution as `min`, `max`, `bounds` and `keep_sign` of a map say.
void read_bounds(MapReader& map, double mean, Distribution& distribution);
/// Notes a fault where bounds leave less than a millionth of the distribution, or none is above `min`.
void check_bounds(Context& context, const Node& node, const std::string& path,
                  const Distribution& distribution);
/// Notes a fault where a draw can leave the range.
void check_support(Context& context, const Node& node, const std::string& path, const KeyInfo& key,
                   const Distribution& distribution);
/// Bounds a distribution of delays below by dt; notes a fault where a constant is off the grid.
[[nodiscard]] Distribution as_delay(Context& context, const Node& node, const std::string& path,
                                    Distribution distribution);
/// Notes a fault unless `times` ascend strictly.
void check_ascending(Context& context, const Node& node, const std::string& path,
                     const std::vector<double>& times);

}  // namespace sharpwave::config

#include "host/config/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <numeric>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace sharpwave::config {
namespace {

/// Of which the reader shows no more.
constexpr std::size_t kMostDuplicates = 200;

/// Ends the reading of a text.
struct Fault {
  Position position;
  std::string read;
  std::string expected;
  std::string hint;
};

/// Builds the tree from yaml-cpp's events. Its own tree is not used: it keeps duplicate keys silently and
/// resolves aliases without a limit.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::uint32_t source, const std::string& name, std::vector<Diagnostic>& faults)
      : source_(source), name_(name), faults_(faults) {}

  Node take_root() { return std::move(root_); }
  [[nodiscard]] bool has_root() const { return documents_ > 0; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Fault{at(mark), "a second document", "one document in a file", ""};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.position = at(mark);
    if (expects_key()) throw Fault{node.position, "no key", "a word before the colon", ""};
    complete(std::move(node), anchor, 1);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) throw Fault{at(mark), "an alias", "a word as key", ""};
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Fault{at(mark), "an alias inside its own anchor", "a config without recursion", ""};
    }
    count(at(mark), found->second.n_nodes);
    complete(Node(found->second.node), 0, found->second.n_nodes);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    if (expects_key()) {
      take_key(at(mark), value);
      return;
    }
    Node node;
    node.kind = Node::Kind::scalar;
    node.quoted = tag == "!";
    node.position = at(mark);
    node.text = value;
    complete(std::move(node), anchor, 1);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(Node::Kind::sequence, at(mark), anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(Node::Kind::map, at(mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::uint64_t n_nodes = 1;
    bool has_key = false;
    bool drop_value = false;  ///< the value of a duplicate key
    std::unordered_map<std::string, std::uint32_t> lines{};
  };
  struct Anchored {
    Node node;
    std::uint64_t n_nodes;
  };

  [[nodiscard]] Position at(const YAML::Mark& mark) const {
    return {source_, static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
  }
  [[nodiscard]] bool expects_key() const {
    return !frames_.empty() && frames_.back().node.is_map() && !frames_.back().has_key;
  }
  static void refuse_tag_text(const Position& position, const std::string& tag) {
    throw Fault{position, in_quotes(tag), "a value without a YAML tag", ""};
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag_text(at(mark), tag);
  }
  void count(const Position& position, std::uint64_t n_nodes) {
    n_nodes_ += n_nodes;
    if (n_nodes_ > kMostNodes) {
      throw Fault{position, "more than " + std::to_string(kMostNodes) + " values (aliases expanded)",
                  "at most " + std::to_string(kMostNodes), "long lists of spikes can stand in a file"};
    }
  }

  void take_key(const Position& position, const std::string& text) {
    Frame& frame = frames_.back();
    const auto [first, is_new] = frame.lines.emplace(text, position.line);
    if (!is_new && faults_.size() < kMostDuplicates) {
      faults_.push_back({name_, static_cast<int>(position.line), static_cast<int>(position.column), text,
                         in_quotes(text) + " a second time",
                         "each key once; the first is in line " + std::to_string(first->second), ""});
    }
    frame.has_key = true;
    frame.drop_value = !is_new;
    if (is_new) frame.node.keys.push_back({text, position});
  }

  void open(Node::Kind kind, const Position& position, YAML::anchor_t anchor) {
    if (expects_key())
      throw Fault{position, "a list or map", "a word as key", "${...} must be in quotes here"};
    if (frames_.size() >= kDeepestNesting) {
      throw Fault{position, "more than " + std::to_string(kDeepestNesting) + " nested levels",
                  "at most " + std::to_string(kDeepestNesting), ""};
    }
    count(position, 1);
    frames_.emplace_back();
    frames_.back().node.kind = kind;
    frames_.back().node.position = position;
    frames_.back().anchor = anchor;
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    complete(std::move(frame.node), frame.anchor, frame.n_nodes);
  }

  void complete(Node node, YAML::anchor_t anchor, std::uint64_t n_nodes) {
    if (node.kind == Node::Kind::scalar || node.kind == Node::Kind::null) count(node.position, 1);
    if (anchor != 0) {
      count(node.position, n_nodes);
      anchors_[anchor] = {node, n_nodes};
    }
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& parent = frames_.back();
    parent.n_nodes += n_nodes;
    parent.has_key = false;
    if (!std::exchange(parent.drop_value, false)) parent.node.children.push_back(std::move(node));
  }

  std::uint32_t source_;
  const std::string& name_;
  std::vector<Diagnostic>& faults_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  Node root_;
  std::uint64_t n_nodes_ = 0;
  int documents_ = 0;
};

/// Length of the valid UTF-8 sequence at the start of `rest`, or 0 (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view rest) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || rest.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : length;
}

/// What yaml-cpp accepts or reports in a misleading way: other encodings, control characters, tabs that
/// indent.
void check_characters(std::string_view text, std::uint32_t source) {
  Position here{source, 1, 1};
  bool indenting = true;
  std::optional<Position> tab;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) throw Fault{here, "a byte that is not UTF-8", "UTF-8 text", ""};
    const char c = text[i];
    if (c == '\n') {
      here = {source, here.line + 1, 1};
      indenting = true;
      tab.reset();
      ++i;
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') {
      throw Fault{here, "a control character", "UTF-8 text", ""};
    }
    if (indenting && c == '\t' && !tab) tab = here;
    if (c != ' ' && c != '\t' && c != '\r') {
      if (indenting && tab) throw Fault{*tab, "a tab", "indentation with spaces", ""};
      indenting = false;
    }
    i += length;
    ++here.column;
  }
}

std::string line_of(std::string_view text, std::uint32_t line) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return std::string(text.substr(0, text.find('\n')));
}

std::string canonical_scalar(const Node& node) {
  double value = 0;
  const char* end = node.text.data() + node.text.size();
  if (!node.quoted && std::from_chars(node.text.data(), end, value).ptr == end) {
    std::uint64_t integer = 0;  // of which a double may hold only the upper bits
    const auto exact = std::from_chars(node.text.data(), end, integer);
    if (exact.ec == std::errc() && exact.ptr == end && static_cast<double>(integer) == value &&
        (value >= 0x1p64 || static_cast<std::uint64_t>(value) != integer))
      return std::to_string(integer);
    char buffer[64];
    const auto written = std::to_chars(buffer, buffer + sizeof buffer, value);
    return std::string(buffer, written.ptr);
  }
  std::string text = std::to_string(node.text.size());
  return text.append(":").append(node.text);
}

void append_canonical(const Node& node, bool keep_order, std::string& text) {
  switch (node.kind) {
    case Node::Kind::null:
      text += '~';
      return;
    case Node::Kind::scalar:
      text += canonical_scalar(node);
      return;
    case Node::Kind::sequence:
      text += '[';
      for (const Node& child : node.children) {
        append_canonical(child, false, text);
        text += ',';
      }
      text += ']';
      return;
    case Node::Kind::map:
      break;
  }
  std::vector<std::size_t> order(node.keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!keep_order) {
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return node.keys[a].text < node.keys[b].text; });
  }
  text += '{';
  for (const std::size_t i : order) {
    text += std::to_string(node.keys[i].text.size()) + ":" + node.keys[i].text + "=";
    append_canonical(node.children[i], node.keys[i].text == "populations", text);
    text += ',';
  }
  text += '}';
}

Node build_tree(std::string_view text, const std::string& name, std::uint32_t source,
                std::vector<Diagnostic>& faults) {
  check_characters(text, source);
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  TreeBuilder builder(source, name, faults);
  while (parser.HandleNextDocument(builder)) {
  }
  if (!builder.has_root()) throw Fault{{source, 1, 1}, "an empty text", "a YAML map", ""};
  return builder.take_root();
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.text == key; });
  return found == keys.end() ? nullptr : &children[static_cast<std::size_t>(found - keys.begin())];
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));
}

Node parse_document(std::string_view text, const std::string& name, std::uint32_t source,
                    std::vector<Diagnostic>& faults) {
  const auto report = [&](const Position& at, std::string read, std::string expected, std::string hint) {
    faults.push_back({name, static_cast<int>(at.line), static_cast<int>(at.column), "", std::move(read),
                      std::move(expected), std::move(hint)});
  };
  try {
    return build_tree(text, name, source, faults);
  } catch (const Fault& fault) {
    report(fault.position, fault.read, fault.expected, fault.hint);
  } catch (const YAML::Exception& error) {
    const bool known = error.mark.line >= 0;
    const Position at{source, known ? static_cast<std::uint32_t>(error.mark.line + 1) : 1,
                      known ? static_cast<std::uint32_t>(error.mark.column + 1) : 1};
    const std::string line = line_of(text, at.line);
    const bool expression = line.find("${") != std::string::npos;
    report(at, in_quotes(line), "YAML: " + error.msg,
           expression ? "inside {...} and [...] an expression needs quotes: \"${...}\"" : "");
  } catch (const std::exception& error) {
    report({source, 1, 1}, "a text that yaml-cpp gives up on", std::string("YAML: ") + error.what(), "");
  }
  return {};
}

std::string describe_read(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return node.quoted ? in_quotes("\"" + node.text + "\"") : in_quotes(node.text);
    case Node::Kind::sequence:
      return "a list of " + std::to_string(node.children.size());
    case Node::Kind::map:
      return "a map";
  }
  return {};
}

std::string canonical_text(const Node& root) {
  std::string text;
  append_canonical(root, false, text);
  return text;
}

}  // namespace sharpwave::config

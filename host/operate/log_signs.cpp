#include "host/operate/log_signs.hpp"

#include <algorithm>

namespace sharpwave::operate {
namespace {

/// Of a message: what it is about stands at its beginning, and a hostile one may be as long as a line.
constexpr std::size_t kLookedAtForSigns = 8 << 10;

bool is_of_a_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

/// A word, or with '*' behind it the beginning of one; it may have spaces within.
bool has_word(std::string_view small, std::string_view word) {
  const bool is_beginning = word.ends_with('*');
  if (is_beginning) word.remove_suffix(1);
  for (std::size_t at = small.find(word); at != std::string_view::npos; at = small.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_of_a_word(small[at - 1]);
    if (begins && (is_beginning || end == small.size() || !is_of_a_word(small[end]))) return true;
  }
  return false;
}

bool has_one_of(std::string_view small, const std::vector<const char*>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const char* phrase) { return has_phrase(small, phrase); });
}

struct FamilyWords {
  std::size_t family;
  std::vector<const char*> phrases;
};

/// The first that fits: "no space left on device" is of the disk, not of a memory space.
const std::vector<FamilyWords>& family_words() {
  static const std::vector<FamilyWords> words{
      {6,
       {"no space left", "no room", "disk is full", "disk was full", "out of memory", "too many open files",
        "file descriptor*", "too busy", "quota", "gpu", "cuda*", "device", "circuit breaker"}},
      {0,
       {"token*", "unauthorized", "forbidden", "permission denied", "not permitted", "access denied",
        "certificate*", "tls", "origin"}},
      {5, {"consolidat*", "nrem", "rem", "replay*", "prototype*", "prun*"}},
      {4, {"index", "indices", "hnsw", "nearest neighbour*", "tombstone*"}},
      {2,
       {"wal", "write-ahead", "log of changes", "rocksdb", "checksum*", "corrupt*", "damage*", "checkpoint*",
        "cannot be written", "cannot be read", "cannot be synced", "storage", "sst", "manifest", "backup*",
        "restore*", "truncated"}},
      {3, {"space", "spaces"}},
      {1,
       {"out of range", "out of its range", "expected a number", "malformed", "not finite", "dimension*",
        "too large", "too small", "too long", "beyond its bound"}},
  };
  return words;
}

}  // namespace

const std::vector<Sign>& log_signs() {
  using enum SignKind;
  static const std::vector<Sign> signs{
      {performance,
       "slow_operation",
       Level::info,
       {"slow", "slower", "took&longer", "took&expected", "slow operation*"}},
      {performance, "timeout", Level::info, {"timed out", "timeout*", "deadline*", "too slow"}},
      {performance,
       "real_time_factor",
       Level::warning,
       {"real-time factor*", "real time factor*", "real_time_factor", "behind real time",
        "slower than real time"}},
      {performance,
       "backpressure",
       Level::info,
       {"too busy", "queue is full", "queue full", "no room in the queue", "pushed out", "dropped",
        "write stall*", "stalling writes", "stopping writes"}},
      {performance,
       "wal_lag",
       Level::info,
       {"wal&lag*", "wal&behind", "not synced", "unsynced", "sync&behind", "not yet on the disk"}},
      {recovery,
       "cold_start",
       Level::debug,
       {"cold start*", "start: cold", "started cold", "found cold", "recovery: cold"}},
      {recovery,
       "warm_start",
       Level::debug,
       {"warm start*", "start: warm", "started warm", "found warm", "recovery: warm"}},
      {recovery,
       "fallback_start",
       Level::debug,
       {"fallback", "fall-back", "end of the log was given up", "falls back", "fell back"}},
      {recovery,
       "resume",
       Level::debug,
       {"resum*", "going on with", "going on from", "goes on on the processor"}},
      {recovery,
       "salvage",
       Level::debug,
       {"salvag*", "given up", "set aside", "sanitiz*", "is lost", "are lost", "passed over",
        "cannot be used"}},
      {recovery, "index_rebuild", Level::debug, {"rebuil*&index*", "rebuil*&indices", "rebuil*&hnsw"}},
      {recovery, "restore", Level::debug, {"restored", "restoring", "rolled back", "rollback"}},
      {recovery, "breaker", Level::debug, {"circuit breaker*", "breaker&open*", "left alone for a while"}},
      {critical, "fatal", Level::debug, {"fatal", "panic", "abort*", "assertion*", "internal error"}},
      {critical,
       "crash",
       Level::debug,
       {"sigsegv", "segmentation fault", "segfault", "sigabrt", "sigbus", "core dumped"}},
      {critical,
       "damaged_data",
       Level::warning,
       {"corrupt*", "damaged", "damage", "checksum*&not", "checksum mismatch*", "truncated"}},
      {critical, "data_loss", Level::warning, {"data loss", "lost", "could not be saved", "not kept"}},
      {critical,
       "out_of_memory",
       Level::debug,
       {"out of memory", "bad_alloc", "oom", "cannot allocate memory"}},
      {critical,
       "disk_full",
       Level::debug,
       {"no space left", "disk is full", "disk was full", "disk full", "has no room", "quota exceeded"}},
      {critical,
       "non_finite",
       Level::warning,
       {"nan", "inf", "not finite", "non-finite", "infinite", "became nan*"}},
      {critical, "runaway", Level::warning, {"runaway", "runs away", "diverge*"}},
      {critical, "deadlock", Level::debug, {"deadlock*", "hangs", "stuck"}},
      {critical,
       "device_or_tls",
       Level::warning,
       {"cuda*", "gpu&fail*", "device&fail*", "driver&fail*", "nvml", "xid", "certificate*", "tls",
        "handshake*"}},
      {critical,
       "start_failed",
       Level::warning,
       {"address already in use", "cannot listen", "cannot be bound", "cannot bind", "cannot be opened&store",
        "cannot be opened&space", "another process&owns", "in use by another process", "cannot start"}},
      {critical,
       "index_failed",
       Level::warning,
       {"index&fail*", "index&damaged", "index&corrupt*", "hnsw&fail*"}},
      {critical,
       "consolidation_failed",
       Level::warning,
       {"consolidation&fail*", "cycle&fail*", "consolidation&stuck", "consolidation&goes by the defaults"}},
  };
  return signs;
}

bool has_phrase(std::string_view small, std::string_view phrase) {
  for (;;) {
    const std::size_t end = phrase.find('&');
    if (!has_word(small, phrase.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    phrase.remove_prefix(end + 1);
  }
}

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}

std::optional<FamilyOfLine> family_of(const LogLine& line) {
  for (std::size_t family = 0; family < kFamilies.size(); ++family)
    if (line.family == kFamilies[family]) return FamilyOfLine{family, true};
  if (!is_at_least(line.level, Level::warning)) return std::nullopt;
  const std::string small = in_small_letters(std::string_view(line.message).substr(0, kLookedAtForSigns));
  for (const FamilyWords& words : family_words())
    if (has_one_of(small, words.phrases)) return FamilyOfLine{words.family, false};
  return std::nullopt;
}

std::vector<std::size_t> signs_of(const LogLine& line) {
  std::vector<std::size_t> found;
  const std::string small = in_small_letters(std::string_view(line.message).substr(0, kLookedAtForSigns));
  const std::vector<Sign>& signs = log_signs();
  for (std::size_t i = 0; i < signs.size(); ++i)
    if (is_at_least(line.level, signs[i].least) && has_one_of(small, signs[i].phrases)) found.push_back(i);
  return found;
}

}  // namespace sharpwave::operate

#include "host/operate/bundle_parts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/file_descriptor.hpp"
#include "host/operate/message_pattern.hpp"
#include "host/operate/program.hpp"
#include "host/operate/secrets.hpp"
#include "host/operate/system_facts.hpp"

namespace sharpwave::operate {
namespace {

using namespace std::chrono_literals;

constexpr auto kForAll = 50s;
constexpr auto kForAProgram = 5s;

std::string read_end(const FileDescriptor& descriptor, std::uint64_t from, std::uint64_t n_bytes) {
  std::string text(n_bytes, '\0');
  std::size_t n_read = 0;
  while (n_read < text.size()) {
    const ssize_t n = ::pread(descriptor.get(), text.data() + n_read, text.size() - n_read,
                              static_cast<off_t>(from + n_read));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;  // it has become shorter, or a disk fails: what there is helps too
    n_read += static_cast<std::size_t>(n);
  }
  text.resize(n_read);
  return text;
}

/// Why a file is not read; empty where it can be.
std::string why_not_read(const FileDescriptor& descriptor, struct stat& status) {
  if (!descriptor.is_open())
    return errno == ELOOP ? "it is a link, which is not followed" : std::strerror(errno);
  if (::fstat(descriptor.get(), &status) != 0) return std::strerror(errno);
  return S_ISREG(status.st_mode) ? "" : "it is no file";
}

}  // namespace

BundleParts::BundleParts(Archive& archive, std::vector<std::string> known_secrets)
    : archive_(archive),
      known_secrets_(std::move(known_secrets)),
      until_(Clock::now() + kForAll),
      now_s_(std::chrono::duration_cast<std::chrono::seconds>(
                 std::chrono::system_clock::now().time_since_epoch())
                 .count()) {}

void BundleParts::add(const std::string& name, std::string_view text, const std::string& source,
                      const std::string& note) {
  const std::string masked = mask_secrets(text, known_secrets_);
  archive_.add(std::string(kBundleFolder) + "/" + name, masked, now_s_);
  const auto clean = [&](const std::string& told) {
    return one_line(mask_secrets(told, known_secrets_), 1000);
  };
  report_.entries.push_back({name, masked.size(), clean(source), clean(note)});
}

void BundleParts::miss(const std::string& name, const std::string& why) {
  report_.missing.push_back({name, one_line(mask_secrets(why, known_secrets_), 1000)});
}

void BundleParts::add_end_of_file(const std::string& name, const std::filesystem::path& file,
                                  std::uint64_t most_bytes) {
  if (is_time_up()) return miss(name, "there was no time left");
  const FileDescriptor descriptor(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  const std::string why = why_not_read(descriptor, status);
  if (!why.empty()) return miss(name, file.string() + ": " + why);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t from = size > most_bytes ? size - most_bytes : 0;
  std::string text = read_end(descriptor, from, size - from);
  std::string note;
  if (from > 0) {
    // A secret that is cut is not recognised: the rest of the line goes.
    text.erase(0, std::min(text.find('\n'), text.size() - 1) + 1);
    note = "the last " + std::to_string(text.size()) + " of " + std::to_string(size) + " bytes";
  }
  add(name, text, file.string(), note);
}

void BundleParts::add_proc_file(const std::string& name, const std::filesystem::path& file) {
  const std::optional<std::string> text = read_proc_file(file);
  if (text)
    add(name, *text, file.string());
  else
    miss(name, file.string() + " cannot be read");
}

void BundleParts::add_program(const std::string& name, const std::vector<std::string>& words) {
  if (is_time_up()) return miss(name, "there was no time left");
  std::string command;
  for (const std::string& word : words) command += (command.empty() ? "" : " ") + word;
  const ProgramOutcome outcome = run_program(words, kForAProgram);
  using End = ProgramOutcome::End;
  if (outcome.end == End::not_found) return miss(name, "there is no program " + words.front());
  if (outcome.end == End::timed_out) return miss(name, command + " did not end in 5 s");
  add(name, outcome.output, command,
      outcome.is_ok() ? "" : command + " failed (" + std::to_string(outcome.code) + ")");
}

void BundleParts::also_mask(std::string secret) {
  constexpr std::size_t kShortest = 8;  // a short one, such as "true", would be masked in half of all texts
  if (secret.size() >= kShortest) known_secrets_.push_back(std::move(secret));
}

bool BundleParts::is_time_up() const {
  return Clock::now() >= until_;
}

}  // namespace sharpwave::operate

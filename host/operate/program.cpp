#include "host/operate/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <thread>

#include "host/base/error.hpp"

namespace sharpwave::operate {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostOutput = std::size_t{4} << 20;

/// The two ends of a pipe, closed in the end.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
      throw Error(ExitCode::io, std::string("there is no pipe for a program: ") + std::strerror(errno));
  }
  ~Pipe() {
    close_writing();
    ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] int reading() const { return ends_[0]; }
  [[nodiscard]] int writing() const { return ends_[1]; }
  void close_writing() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// @return errno's value; 0 where it has begun.
int spawn(const std::vector<std::string>& words, const Pipe& pipe, pid_t& pid) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe.writing(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipe.writing(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, so that what it starts ends with it.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int failure =
      ::posix_spawnp(&pid, arguments.front(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failure;
}

/// Until the other end is closed. @return false where time was up before.
bool read_until(int descriptor, Clock::time_point until, std::string& output) {
  std::array<char, 16 << 10> block{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{descriptor, POLLIN, 0};
    const int n_ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
    if (n_ready < 0 && errno != EINTR) return false;
    if (n_ready <= 0) continue;
    const ssize_t n = ::read(descriptor, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    output.append(block.data(), std::min(static_cast<std::size_t>(n), kMostOutput - output.size()));
  }
}

/// A program may close its output and go on. @return its status; none where time was up before.
std::optional<int> wait_until(pid_t pid, Clock::time_point until) {
  for (;;) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) return status;
    if (Clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

ProgramOutcome run_program(const std::vector<std::string>& words, std::chrono::milliseconds limit) {
  const Clock::time_point until = Clock::now() + limit;
  ProgramOutcome outcome;
  Pipe pipe;
  pid_t pid = 0;
  const int failure = spawn(words, pipe, pid);
  if (failure == ENOENT || failure == EACCES || failure == ENOTDIR || failure == ENOEXEC) return outcome;
  if (failure != 0)
    throw Error(ExitCode::io, words.front() + ": cannot be started: " + std::strerror(failure));
  pipe.close_writing();
  std::optional<int> status;
  if (read_until(pipe.reading(), until, outcome.output)) status = wait_until(pid, until);
  if (!status) {
    ::kill(-pid, SIGKILL);
    // One that waits for a device that is stuck does not even end so: it is left to the system.
    static_cast<void>(wait_until(pid, Clock::now() + std::chrono::milliseconds(500)));
    outcome.end = ProgramOutcome::End::timed_out;
  } else if (WIFEXITED(*status)) {
    outcome.end = ProgramOutcome::End::exited;
    outcome.code = WEXITSTATUS(*status);
  } else {
    outcome.end = ProgramOutcome::End::killed;
    outcome.code = WTERMSIG(*status);
  }
  return outcome;
}

}  // namespace sharpwave::operate

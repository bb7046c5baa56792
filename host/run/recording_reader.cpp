#include "host/run/recording_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

using recording::FrameHead;
using recording::FrameKind;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

std::uint64_t size_of(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_with_errno(path, "cannot be read");
  return static_cast<std::uint64_t>(status.st_size);
}

bool is(const FrameHead& frame, FrameKind kind) {
  return frame.kind == static_cast<std::uint32_t>(kind);
}

/// Samples that a report has of a block.
std::uint64_t samples_due(const RecordedReport& report, std::uint64_t first_step, std::uint64_t n_steps) {
  return report.times.until(first_step + n_steps - 1) - report.times.until(first_step - 1);
}

}  // namespace

/// Ends the reading; never leaves this file.
struct RecordingReader::Stop {
  RecordingEnd::Kind kind;
  std::string problem;
};

RecordingReader::RecordingReader(const std::filesystem::path& path, std::optional<std::uint64_t> length)
    : path_(path), file_(path, O_RDONLY | O_NONBLOCK) {
  if (!file_.is_open()) fail_with_errno(path_, "cannot be opened");
  if (!std::filesystem::is_regular_file(path))
    throw Error(ExitCode::io, path.string() + ": is no regular file");
  end_.file_bytes = size_of(file_, path_);
  limit_ = std::min(length.value_or(end_.file_bytes), end_.file_bytes);
  try {
    read_header();
    read_synapses();
  } catch (const Stop& stop) {
    throw Error(ExitCode::damaged_data, stop.problem);
  }
  first_ids_.push_back(0);
  for (const RunSummary::Population& population : header_.run.populations)
    first_ids_.push_back(first_ids_.back() + population.size);
  end_.usable_bytes = position_;
  end_.last_step = header_.warm_up_steps;
}

bool RecordingReader::next(RecordedBlock& block) {
  if (ended_) return false;
  try {
    if (position_ < limit_) {
      read_block(block);
      end_.usable_bytes = position_;
      end_.last_step = block.first_step + block.n_steps - 1;
      return true;
    }
  } catch (const Stop& stop) {
    end_.kind = stop.kind;
    end_.problem = stop.problem;
  }
  ended_ = true;
  return false;
}

void RecordingReader::read_header() {
  recording::FileHead head;
  frame_at_ = 0;
  if (limit_ < sizeof head)
    throw Stop{RecordingEnd::Kind::torn, at_frame("the file ends before its header does")};
  read(&head, sizeof head);
  const recording::FileHead expected;
  if (head.magic != expected.magic) damaged("is no recording");
  if (head.version != expected.version || head.zero != 0)
    damaged("is of version " + std::to_string(head.version) + "; expected " +
            std::to_string(expected.version));
  const FrameHead frame = begin_frame();
  if (!is(frame, FrameKind::header) || frame.first_step != 0 || frame.n_steps != 0 || frame.report != 0)
    damaged("expected a header");
  std::vector<char> text;
  take(text, left_);
  end_frame(frame);
  header_ = read_recording_header({text.begin(), text.end()}, path_.string());
}

void RecordingReader::read_block(RecordedBlock& block) {
  block.samples.resize(header_.reports.size());
  for (RecordedBlock::Samples& samples : block.samples) {
    samples.steps.clear();
    samples.values.clear();
  }
  block.learning.assign(header_.learning.size(), {});
  block.modulators.clear();
  block.trial.reset();
  block.first_step = end_.last_step + 1;
  block.n_steps = 0;
  for (;;) {
    const FrameHead frame = begin_frame();
    check_place(frame);
    if (frame.first_step != block.first_step || (block.n_steps != 0 && frame.n_steps != block.n_steps)) {
      damaged("holds steps from " + std::to_string(frame.first_step) + " on; expected those that follow " +
              std::to_string(end_.last_step));
    }
    block.n_steps = frame.n_steps;
    if (block.trial && !is(frame, FrameKind::spikes)) damaged("expected spikes behind a trial");
    if (is(frame, FrameKind::spikes)) return read_spikes(frame, block);
    if (is(frame, FrameKind::learning))
      read_learning(frame, block);
    else if (is(frame, FrameKind::modulators))
      read_modulators(frame, block);
    else if (is(frame, FrameKind::trial))
      read_trial(frame, block);
    else
      read_samples(frame, block);
  }
}

FrameHead RecordingReader::begin_frame() {
  frame_at_ = position_;
  FrameHead frame;
  if (limit_ - position_ < sizeof frame)
    throw Stop{RecordingEnd::Kind::torn, at_frame("the file ends within a block")};
  read(&frame, sizeof frame);
  if (frame.magic != recording::kFrameMagic || chain_.head(frame) != frame.head_digest)
    damaged("no frame begins here that follows the one before");
  if (frame.zero != 0 || frame.payload_bytes % recording::kAlignment != 0) damaged("is no frame");
  left_ = frame.payload_bytes;
  if (limit_ - position_ < left_)
    throw Stop{RecordingEnd::Kind::torn, at_frame("the file ends within a block")};
  return frame;
}

void RecordingReader::end_frame(const FrameHead& frame) {
  if (left_ != 0) damaged("the frame is longer than what it holds");
  if (chain_.end_frame() != frame.payload_digest) damaged("the frame's content does not fit its checksum");
}

void RecordingReader::check_place(const FrameHead& frame) const {
  const std::uint64_t last = header_.warm_up_steps + header_.steps;
  if (!is(frame, FrameKind::samples) && !is(frame, FrameKind::learning) &&
      !is(frame, FrameKind::modulators) && !is(frame, FrameKind::trial) && !is(frame, FrameKind::spikes))
    damaged("a frame of kind " + std::to_string(frame.kind) +
            "; expected samples, learning, neuromodulators, a trial or spikes");
  if (frame.n_steps < 1 || frame.n_steps > recording::kMostStepsInBlock ||
      frame.n_steps > last - end_.last_step) {
    damaged("holds " + std::to_string(frame.n_steps) + " steps behind step " +
            std::to_string(end_.last_step) + "; expected 1 or more, up to step " + std::to_string(last));
  }
}

void RecordingReader::read_synapses() {
  synapses_.resize(header_.learning.size());
  for (std::size_t k = 0; k < synapses_.size(); ++k) {
    if (header_.learning[k].every == 0) continue;
    const FrameHead frame = begin_frame();
    if (!is(frame, FrameKind::synapses) || frame.first_step != 0 || frame.n_steps != 0 || frame.report != k)
      damaged("expected the synapses of record " + std::to_string(k));
    const std::uint64_t n = take_number();
    take(synapses_[k].sources, n);
    take(synapses_[k].targets, n);
    take(synapses_[k].delay_steps, n);
    take_padding();
    end_frame(frame);
  }
}

void RecordingReader::read_learning(const FrameHead& frame, RecordedBlock& block) {
  const auto later = [](const LearningSample& sample) { return !sample.empty(); };
  if (frame.report >= block.learning.size() ||
      std::any_of(block.learning.begin() + frame.report, block.learning.end(), later))
    damaged("learning of record " + std::to_string(frame.report) +
            "; expected that of a record that follows");
  const RecordedLearning& record = header_.learning[frame.report];
  if (!record.times.includes(frame.first_step + frame.n_steps - 1))
    damaged("a record of learning after step " + std::to_string(frame.first_step + frame.n_steps - 1) +
            "; expected none");
  LearningSample& sample = block.learning[frame.report];
  if (record.every == 0) {
    std::vector<std::uint64_t> numbers;
    take(numbers, recording::kMetricNumbers);
    sample.metrics = recording::from_numbers(std::span(numbers).first<recording::kMetricNumbers>());
  } else {
    const std::uint64_t n = synapses_[frame.report].sources.size();
    if (take_number() != n) damaged("expected " + std::to_string(n) + " weights");
    take(sample.weights.emplace(), n);
    take_padding();
  }
  end_frame(frame);
}

void RecordingReader::read_trial(const FrameHead& frame, RecordedBlock& block) {
  recording::TrialHead head;
  std::vector<std::byte> bytes;
  take(bytes, sizeof head);
  std::memcpy(&head, bytes.data(), sizeof head);
  const std::vector<TrialPhase>& phases = header_.phases;
  if (frame.report != 0 || block.trial || head.phase >= phases.size())
    damaged("a trial that is not expected");
  const TrialPhase& phase = phases[head.phase];
  const auto is_class = [&](std::uint32_t c) { return c == kNoClass || c < header_.n_classes; };
  const std::uint64_t last = frame.first_step + frame.n_steps - 1;
  if (head.n_counts != phase.n_counts || head.attempts == 0 || !is_class(head.label) ||
      !is_class(head.told) || !std::isfinite(head.gain) || head.first_step == 0 || head.first_step > last)
    damaged("a trial that its phase cannot have");
  Trial& trial = block.trial.emplace(Trial{.phase = head.phase,
                                           .item = head.item,
                                           .label = head.label,
                                           .told = head.told,
                                           .attempts = head.attempts,
                                           .gain = head.gain,
                                           .first_step = head.first_step,
                                           .spikes = head.spikes});
  take(trial.counts, head.n_counts);
  take_padding();
  end_frame(frame);
}

// A block ends where something was due: nothing is due within it.
void RecordingReader::check_learning_is_all(const RecordedBlock& block) const {
  const std::uint64_t last = block.first_step + block.n_steps - 1;
  for (std::size_t k = 0; k < block.learning.size(); ++k) {
    const SampleTimes& times = header_.learning[k].times;
    const std::uint64_t due = times.until(last) - times.until(block.first_step - 1);
    if (due != (block.learning[k].empty() ? 0U : 1U))
      damaged("the block ends without its record " + std::to_string(k) + " of learning");
  }
}

void RecordingReader::read_modulators(const FrameHead& frame, RecordedBlock& block) {
  if (frame.report != 0 || !block.modulators.empty() || !header_.modulators ||
      !header_.modulators->times.includes(frame.first_step + frame.n_steps - 1))
    damaged("levels of neuromodulators after step " + std::to_string(frame.first_step + frame.n_steps - 1) +
            "; expected none");
  take(block.modulators, header_.modulators->regions.size());
  end_frame(frame);
}

void RecordingReader::check_modulators_are_there(const RecordedBlock& block) const {
  if (!header_.modulators) return;
  const SampleTimes& times = header_.modulators->times;
  const std::uint64_t due =
      times.until(block.first_step + block.n_steps - 1) - times.until(block.first_step - 1);
  const bool are_there = block.modulators.size() == header_.modulators->regions.size();
  if (due > 1 || (due == 1) != are_there) damaged("the block ends without its levels of neuromodulators");
}

void RecordingReader::read_samples(const FrameHead& frame, RecordedBlock& block) {
  const auto later = [](const RecordedBlock::Samples& samples) { return !samples.steps.empty(); };
  if (frame.report >= block.samples.size() ||
      std::any_of(block.samples.begin() + frame.report, block.samples.end(), later)) {
    damaged("samples of report " + std::to_string(frame.report) +
            "; expected those of a report that follows");
  }
  const RecordedReport& report = header_.reports[frame.report];
  const std::uint64_t due = samples_due(report, frame.first_step, frame.n_steps);
  RecordedBlock::Samples& samples = block.samples[frame.report];
  if (take_number() != due || due == 0 || report.n_values() > left_ / sizeof(float) / due)
    damaged("expected " + std::to_string(due) + " samples of " + std::to_string(report.n_values()) +
            " values");
  take(samples.steps, due);
  take(samples.values, due * report.n_values());
  take_padding();
  end_frame(frame);
  check_times(frame, samples);
}

void RecordingReader::check_times(const FrameHead& frame, const RecordedBlock::Samples& samples) const {
  const SampleTimes& times = header_.reports[frame.report].times;
  std::uint64_t expected = times.first_step + times.until(frame.first_step - 1) * times.interval;
  for (const std::uint64_t step : samples.steps) {
    expected += times.interval;
    if (step != expected)
      damaged("a sample at step " + std::to_string(step) + "; expected one at " + std::to_string(expected));
  }
}

void RecordingReader::read_spikes(const FrameHead& frame, RecordedBlock& block) {
  if (frame.report != 0) damaged("spikes of a report");
  for (std::size_t i = 0; i < block.samples.size(); ++i) {
    const std::uint64_t due = samples_due(header_.reports[i], frame.first_step, frame.n_steps);
    if (block.samples[i].steps.size() != due)
      damaged("the block ends without its samples of report " + std::to_string(i));
  }
  check_learning_is_all(block);
  check_modulators_are_there(block);
  take(block.groups, take_number());
  std::uint64_t n_spikes = 0;
  for (const recording::SpikeGroup& group : block.groups) n_spikes += group.n;
  take(block.ids, n_spikes);
  take_padding();
  end_frame(frame);
  check_spikes(block);
}

void RecordingReader::check_spikes(const RecordedBlock& block) const {
  std::span<const std::uint32_t> rest(block.ids);
  std::uint64_t after = 0;  // the first step that may come
  for (const recording::SpikeGroup& group : block.groups) {
    if (group.step < after || group.step >= block.n_steps || group.n == 0)
      damaged("spikes of steps that do not ascend, or are none of the block's");
    after = std::uint64_t{group.step} + 1;
    check_ids(rest.first(group.n));
    rest = rest.subspan(group.n);
  }
}

void RecordingReader::check_ids(std::span<const std::uint32_t> ids) const {
  std::size_t rank = 0;
  std::uint32_t before = 0;
  for (const std::uint32_t id : ids) {
    if (id < before || id >= first_ids_.back()) damaged("spikes whose ids do not ascend, or are no neuron's");
    before = id;
    while (id >= first_ids_[rank + 1]) ++rank;
    if (header_.run.populations[rank].recorded == 0) damaged("a spike of a neuron that is not recorded");
  }
}

template <class T>
void RecordingReader::take(std::vector<T>& out, std::uint64_t n) {
  if (n > left_ / sizeof(T)) damaged("the frame is shorter than what it should hold");
  out.resize(n);
  read(out.data(), n * sizeof(T));
  left_ -= n * sizeof(T);
  chain_.add(out.data(), n * sizeof(T));
}

std::uint64_t RecordingReader::take_number() {
  std::uint64_t number = 0;
  if (left_ < sizeof number) damaged("the frame is shorter than what it should hold");
  read(&number, sizeof number);
  left_ -= sizeof number;
  chain_.add(&number, sizeof number);
  return number;
}

void RecordingReader::take_padding() {
  std::vector<std::uint8_t> zeros;
  if (left_ >= recording::kAlignment) damaged("the frame is longer than what it should hold");
  take(zeros, left_);
  if (std::any_of(zeros.begin(), zeros.end(), [](std::uint8_t byte) { return byte != 0; }))
    damaged("the frame does not end in zeros");
}

void RecordingReader::read(void* out, std::uint64_t n_bytes) {
  auto* bytes = static_cast<std::byte*>(out);
  position_ += n_bytes;
  while (n_bytes > 0) {
    if (const std::size_t buffered = buffer_.size() - buffer_used_; buffered > 0) {
      const std::size_t n = std::min<std::uint64_t>(buffered, n_bytes);
      std::memcpy(bytes, buffer_.data() + buffer_used_, n);
      buffer_used_ += n;
      bytes += n;
      n_bytes -= n;
      continue;
    }
    buffer_.resize(kReadBytes);
    buffer_used_ = 0;
    const ssize_t got = ::read(file_.get(), buffer_.data(), buffer_.size());
    buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));  // also where it fails
    if (got < 0 && errno != EINTR) fail_with_errno(path_, "cannot be read");
    if (got == 0) throw Stop{RecordingEnd::Kind::torn, at_frame("the file has become shorter")};
  }
}

void RecordingReader::damaged(const std::string& what) const {
  throw Stop{RecordingEnd::Kind::damaged, at_frame(what)};
}

std::string RecordingReader::at_frame(const std::string& what) const {
  return path_.string() + ": byte " + std::to_string(frame_at_) + ": " + what;
}

}  // namespace sharpwave

#include "host/run/recording_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "host/base/error.hpp"
#include "host/run/recording_reader.hpp"

namespace sharpwave {
namespace {

using recording::FrameHead;
using recording::FrameKind;

// Blocks of small networks become one write; what is larger than this is not copied.
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::array<std::byte, recording::kAlignment> kZeros{};

FileDescriptor opened(const std::filesystem::path& path, int flags, const char* what) {
  FileDescriptor file(path, flags);
  if (!file.is_open()) fail_with_errno(path, what);
  return file;
}

FileDescriptor opened_folder_of(const std::filesystem::path& path) {
  return opened(path.has_parent_path() ? path.parent_path() : ".", O_RDONLY | O_DIRECTORY,
                "cannot be opened to sync it");
}

/// The last digest of a recording of `length` bytes that is `expected`'s.
recording::DigestChain::Value verified(const std::filesystem::path& path, const RecordingHeader& expected,
                                       std::uint64_t length) {
  RecordingReader reader(path, length);
  // As it would have been read: text that is not UTF-8 is not kept as it was.
  require_same_recording(reader.header(), read_recording_header(to_json_text(expected), path.string()),
                         path.string());
  RecordedBlock block;
  while (reader.next(block)) continue;
  const RecordingEnd& end = reader.end();
  if (end.usable_bytes != length) {
    const std::string problem = end.kind != RecordingEnd::Kind::whole
                                    ? end.problem
                                    : path.string() + ": holds " + std::to_string(end.file_bytes) + " bytes";
    throw Error(ExitCode::damaged_data, problem + "; expected whole blocks up to byte " +
                                            std::to_string(length) + ", where a checkpoint was taken");
  }
  return reader.last_digest();
}

}  // namespace

RecordingWriter::RecordingWriter(const std::filesystem::path& path, const RecordingHeader& header)
    : path_(path),
      file_(opened(path, O_WRONLY | O_CREAT | O_TRUNC, "cannot be created")),
      folder_(opened_folder_of(path)) {
  buffer_.reserve(kBufferBytes);
  const recording::FileHead head;
  put(std::as_bytes(std::span(&head, 1)));
  std::string text = to_json_text(header);
  text.append(recording::padding_of(text.size()), ' ');
  append({.kind = static_cast<std::uint32_t>(FrameKind::header)}, {std::as_bytes(std::span(text))});
  flush();
}

RecordingWriter::RecordingWriter(const std::filesystem::path& path, const RecordingHeader& header,
                                 std::uint64_t length)
    : path_(path),
      file_(opened(path, O_WRONLY, "cannot be opened to go on with it")),
      folder_(opened_folder_of(path)),
      length_(length),
      chain_(verified(path, header, length)) {
  buffer_.reserve(kBufferBytes);
  const auto offset = static_cast<off_t>(length);
  if (::ftruncate(file_.get(), offset) != 0) fail_with_errno(path_, "cannot be cut to its checkpoint");
  if (::lseek(file_.get(), offset, SEEK_SET) != offset) fail_with_errno(path_, "has no such place");
  sync_file(file_, path_);
}

void RecordingWriter::samples(std::uint64_t first_step, std::uint64_t n_steps, std::uint32_t report,
                              std::span<const std::uint64_t> steps, std::span<const float> values) {
  const std::uint64_t n = steps.size();
  const Bytes padding = Bytes(kZeros).first(recording::padding_of(values.size_bytes()));
  append({.kind = static_cast<std::uint32_t>(FrameKind::samples),
          .first_step = first_step,
          .n_steps = n_steps,
          .report = report},
         {std::as_bytes(std::span(&n, 1)), std::as_bytes(steps), std::as_bytes(values), padding});
}

void RecordingWriter::synapses(std::uint32_t record, const PlasticSynapses& synapses) {
  const std::uint64_t n = synapses.sources.size();
  const Bytes padding = Bytes(kZeros).first(recording::padding_of(3 * n * sizeof(std::uint32_t)));
  append(
      {.kind = static_cast<std::uint32_t>(FrameKind::synapses), .report = record},
      {std::as_bytes(std::span(&n, 1)), std::as_bytes(std::span(synapses.sources)),
       std::as_bytes(std::span(synapses.targets)), std::as_bytes(std::span(synapses.delay_steps)), padding});
  flush();  // as the header: a run that ends in its warm-up has no blocks
}

void RecordingWriter::learning(std::uint64_t first_step, std::uint64_t n_steps, std::uint32_t record,
                               const LearningSample& sample) {
  const FrameHead head{.kind = static_cast<std::uint32_t>(FrameKind::learning),
                       .first_step = first_step,
                       .n_steps = n_steps,
                       .report = record};
  if (sample.metrics) {
    const auto numbers = recording::to_numbers(*sample.metrics);
    return append(head, {std::as_bytes(std::span(numbers))});
  }
  const std::span<const float> weights(*sample.weights);
  const std::uint64_t n = weights.size();
  const Bytes padding = Bytes(kZeros).first(recording::padding_of(weights.size_bytes()));
  append(head, {std::as_bytes(std::span(&n, 1)), std::as_bytes(weights), padding});
}

void RecordingWriter::modulators(std::uint64_t first_step, std::uint64_t n_steps,
                                 std::span<const ModulatorLevels> levels) {
  append({.kind = static_cast<std::uint32_t>(FrameKind::modulators),
          .first_step = first_step,
          .n_steps = n_steps},
         {std::as_bytes(levels)});
}

void RecordingWriter::trial(std::uint64_t first_step, std::uint64_t n_steps, const Trial& trial) {
  const recording::TrialHead head{.phase = trial.phase,
                                  .item = trial.item,
                                  .label = trial.label,
                                  .told = trial.told,
                                  .attempts = trial.attempts,
                                  .n_counts = static_cast<std::uint32_t>(trial.counts.size()),
                                  .gain = trial.gain,
                                  .first_step = trial.first_step,
                                  .spikes = trial.spikes};
  const std::span<const std::uint32_t> counts(trial.counts);
  const Bytes padding = Bytes(kZeros).first(recording::padding_of(counts.size_bytes()));
  append({.kind = static_cast<std::uint32_t>(FrameKind::trial), .first_step = first_step, .n_steps = n_steps},
         {std::as_bytes(std::span(&head, 1)), std::as_bytes(counts), padding});
}

void RecordingWriter::spikes(std::uint64_t first_step, std::uint64_t n_steps,
                             std::span<const recording::SpikeGroup> groups,
                             std::span<const std::uint32_t> ids) {
  SHARPWAVE_ASSERT(n_steps > 0 && n_steps <= recording::kMostStepsInBlock);
  const std::uint64_t n = groups.size();
  const Bytes padding = Bytes(kZeros).first(recording::padding_of(ids.size_bytes()));
  append(
      {.kind = static_cast<std::uint32_t>(FrameKind::spikes), .first_step = first_step, .n_steps = n_steps},
      {std::as_bytes(std::span(&n, 1)), std::as_bytes(groups), std::as_bytes(ids), padding});
  flush();
}

void RecordingWriter::make_durable() const {
  // The system tells of lost pages once: a later sync that succeeds proves nothing.
  if (sync_failed_)
    throw Error(ExitCode::io, path_.string() +
                                  ": could not be synced to the disk before; what was written then "
                                  "may be lost");
  try {
    sync_file(file_, path_);
    sync_file(folder_, path_.parent_path());
  } catch (const Error&) {
    sync_failed_ = true;
    throw;
  }
}

void RecordingWriter::append(FrameHead head, std::initializer_list<Bytes> payload) {
  for (const Bytes part : payload) head.payload_bytes += part.size();
  SHARPWAVE_ASSERT(recording::padding_of(head.payload_bytes) == 0);
  head.head_digest = chain_.head(head);
  for (const Bytes part : payload) chain_.add(part.data(), part.size());
  head.payload_digest = chain_.end_frame();
  put(std::as_bytes(std::span(&head, 1)));
  for (const Bytes part : payload) put(part);
}

void RecordingWriter::put(Bytes bytes) {
  length_ += bytes.size();
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() > kBufferBytes) {
    write_all(file_, path_, bytes.data(), bytes.size());
  } else {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
}

void RecordingWriter::flush() {
  write_all(file_, path_, buffer_.data(), buffer_.size());
  buffer_.clear();
}

}  // namespace sharpwave

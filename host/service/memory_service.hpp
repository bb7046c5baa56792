// The memory store that the service has open: who uses it, what happens where it fails.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/service/breaker.hpp"
#include "host/service/operations.hpp"
#include "memory_store/memory_store.hpp"
#include "memory_store/plugin/session.hpp"

namespace sharpwave::service {

class MemoryService final : public memory::SharedStore {
 public:
  /// Opens the store in `directory` with its default space; makes it where there is none.
  /// @throws as memory::Store. A damaged space keeps nobody from being served by the others.
  MemoryService(const std::filesystem::path& directory, const memory::StoreOptions& options);
  /// Consolidation stops first.
  ~MemoryService() override;

  /// Does `work`, as an operation that is counted and timed, where the breaker lets it through; failures of
  /// the storage are counted by the breaker. Where it tries again, all spaces are opened anew before.
  /// @throws ApiError(503) where the storage is left alone; what `work` throws.
  template <class Work>
  auto run(Operation operation, const Work& work) -> decltype(work());

  [[nodiscard]] memory::Store& store() override { return *store_; }
  [[nodiscard]] std::filesystem::path directory() const override { return directory_; }
  [[nodiscard]] std::shared_ptr<memory::Consolidator> consolidator(
      std::string_view space, const memory::ConsolidationParameters& parameters) override;

  /// A space that there is. @throws ApiError(404); what memory::Store::space() throws.
  [[nodiscard]] std::shared_ptr<memory::Space> space(const std::string& name);
  /// Who consolidates it, by the options of the run that used it last.
  [[nodiscard]] std::shared_ptr<memory::Consolidator> consolidator_of(const std::string& name);
  /// By what it is consolidated.
  [[nodiscard]] memory::ConsolidationParameters parameters_of(const memory::Space& space) const;
  /// Nobody in the service has the space any more, so that it can be replaced.
  void let_go(const std::string& name);
  /// An operator has mended the storage: spaces are opened anew, and the breaker closes.
  void mend();
  /// Everything that was acknowledged is on the disk when it returns.
  void sync();
  /// What keeps it from being ready; empty where nothing does. Looks at what is open alone.
  [[nodiscard]] std::vector<std::string> why_not_ready();

  [[nodiscard]] CircuitBreaker& breaker() { return breaker_; }
  [[nodiscard]] OperationLog& operations() { return operations_; }

 private:
  enum class Storage : std::uint8_t { works, fails };
  void begin(CircuitBreaker::Permission permission);
  void end(Operation operation, Outcome outcome, Storage storage, double seconds);
  void open_anew();

  std::filesystem::path directory_;
  std::unique_ptr<memory::Store> store_;
  CircuitBreaker breaker_{CircuitBreaker::Limits{}};
  OperationLog operations_;
  std::mutex mutex_;  ///< of what follows
  std::map<std::string, std::shared_ptr<memory::Consolidator>, std::less<>> consolidators_;
};

/// Whether it is the storage that failed, rather than what was asked of it.
[[nodiscard]] bool is_of_storage(const Error& error);

template <class Work>
auto MemoryService::run(Operation operation, const Work& work) -> decltype(work()) {
  begin(breaker_.ask());
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      end(operation, Outcome::ok, Storage::works, seconds());
    } else {
      auto result = work();
      end(operation, Outcome::ok, Storage::works, seconds());
      return result;
    }
  } catch (const Error& error) {
    const bool fails = is_of_storage(error);
    end(operation, fails ? Outcome::failed : Outcome::refused, fails ? Storage::fails : Storage::works,
        seconds());
    throw;
  } catch (...) {
    end(operation, Outcome::refused, Storage::works, seconds());
    throw;
  }
}

}  // namespace sharpwave::service

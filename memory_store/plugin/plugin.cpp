// The plugin `memory`, behind the C interface.
#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>

#include "host/base/error.hpp"
#include "memory_store/plugin/session.hpp"

namespace {

using namespace sharpwave;
using memory::Session;

int result_of(ExitCode code) {
  switch (code) {
    case ExitCode::usage:
    case ExitCode::invalid_config:
      return SHARPWAVE_PLUGIN_USAGE;
    case ExitCode::no_room:
      return SHARPWAVE_PLUGIN_NO_ROOM;
    case ExitCode::damaged_data:
      return SHARPWAVE_PLUGIN_DAMAGED;
    default:
      return SHARPWAVE_PLUGIN_IO;
  }
}

int tell(int result, const char* what, sharpwave_plugin_message* why_not) {
  if (why_not != nullptr && why_not->size > 0) {
    const std::size_t length = std::min(std::strlen(what), why_not->size - 1);
    std::memcpy(why_not->text, what, length);
    why_not->text[length] = '\0';
  }
  return result;
}

/// No exception crosses the interface.
template <class Work>
int guarded(sharpwave_plugin_message* why_not, const Work& work) {
  try {
    work();
    return SHARPWAVE_PLUGIN_OK;
  } catch (const Error& error) {
    return tell(result_of(error.code()), error.what(), why_not);
  } catch (const std::bad_alloc&) {
    return tell(SHARPWAVE_PLUGIN_NO_ROOM, "out of memory", why_not);
  } catch (const std::exception& error) {
    return tell(SHARPWAVE_PLUGIN_IO, error.what(), why_not);
  } catch (...) {
    return tell(SHARPWAVE_PLUGIN_IO, "something that is no exception of the standard library", why_not);
  }
}

Session& session(void* self) {
  return *static_cast<Session*>(self);
}

/// Beside OK.
void pass_on(const std::string& warning, sharpwave_plugin_message* why_not) {
  if (!warning.empty()) static_cast<void>(tell(SHARPWAVE_PLUGIN_OK, warning.c_str(), why_not));
}

int open(const sharpwave_plugin_setup* setup, void** self, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] { *self = std::make_unique<Session>(*setup).release(); });
}

int check(const sharpwave_plugin_setup* setup, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] { Session::check(*setup); });
}

int take(void* self, const sharpwave_signal* signal, sharpwave_answer* answer,
         sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] {
    session(self).take(*signal, answer);
    pass_on(session(self).take_warning(), why_not);
  });
}

int flush(void* self, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] {
    session(self).flush();
    pass_on(session(self).take_warning(), why_not);
  });
}

int snapshot(void* self, const char* folder, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] { session(self).snapshot(folder); });
}

const char* status(void* self) {
  const char* text = nullptr;
  static_cast<void>(guarded(nullptr, [&] { text = session(self).status().c_str(); }));
  return text;
}

void close(void* self) {
  delete static_cast<Session*>(self);
}

const sharpwave_plugin kPlugin{.version = SHARPWAVE_PLUGIN_VERSION,
                               .name = "memory",
                               .open = open,
                               .take = take,
                               .flush = flush,
                               .snapshot = snapshot,
                               .status = status,
                               .close = close,
                               .check = check};

}  // namespace

extern "C" __attribute__((visibility("default"))) const sharpwave_plugin* sharpwave_consolidation_plugin() {
  return &kPlugin;
}

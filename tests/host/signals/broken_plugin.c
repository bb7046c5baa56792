/* A plugin that breaks the interface in one way or another. It has to be refused before any of it is called.
 */
#include <stdlib.h>

#include "memory_store/consolidation_plugin.h"

static int open_it(const struct sharpwave_plugin_setup* setup, void** self,
                   struct sharpwave_plugin_message* why_not) {
  (void)setup, (void)self, (void)why_not;
  abort();
}

static int take(void* self, const struct sharpwave_signal* signal, struct sharpwave_answer* answer,
                struct sharpwave_plugin_message* why_not) {
  (void)self, (void)signal, (void)answer, (void)why_not;
  abort();
}

static int flush(void* self, struct sharpwave_plugin_message* why_not) {
  (void)self, (void)why_not;
  abort();
}

static int snapshot(void* self, const char* folder, struct sharpwave_plugin_message* why_not) {
  (void)self, (void)folder, (void)why_not;
  abort();
}

static const char* status(void* self) {
  (void)self;
  abort();
}

static void close_it(void* self) {
  (void)self;
  abort();
}

static int check(const struct sharpwave_plugin_setup* setup, struct sharpwave_plugin_message* why_not) {
  (void)setup, (void)why_not;
  abort();
}

static const struct sharpwave_plugin kPlugin = {
#ifdef BROKEN_OTHER_VERSION
    SHARPWAVE_PLUGIN_VERSION + 1,
#else
    SHARPWAVE_PLUGIN_VERSION,
#endif
    "broken",
    open_it,
    take,
#ifdef BROKEN_NO_FLUSH
    NULL,
#else
    flush,
#endif
    snapshot,
    status,
    close_it,
    check};

#ifdef BROKEN_NO_ENTRY
const struct sharpwave_plugin* sharpwave_plugin_under_another_name(void) {
#else
const struct sharpwave_plugin* sharpwave_consolidation_plugin(void) {
#endif
#ifdef BROKEN_NOTHING
  (void)kPlugin;
  return NULL;
#else
  return &kPlugin;
#endif
}

/* What a simulation and a consolidation plugin say to each other: a C interface, so that a plugin may be built by
 * any compiler. A plugin is a shared library that exports sharpwave_consolidation_plugin().
 *
 * Version 1. A change that an older plugin or program would misread raises the version, and a program refuses
 * plugins of another version. Units and shapes are in the names.
 */
#ifndef SHARPWAVE_MEMORY_STORE_CONSOLIDATION_PLUGIN_H
#define SHARPWAVE_MEMORY_STORE_CONSOLIDATION_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHARPWAVE_PLUGIN_VERSION 1u
#define SHARPWAVE_PLUGIN_ENTRY "sharpwave_consolidation_plugin"

/* How a plugin's function ended. */
enum sharpwave_plugin_result {
  SHARPWAVE_PLUGIN_OK = 0,
  SHARPWAVE_PLUGIN_USAGE = 1,  /* the options or the call are wrong */
  SHARPWAVE_PLUGIN_IO = 2,     /* reading or writing failed */
  SHARPWAVE_PLUGIN_NO_ROOM = 3,
  SHARPWAVE_PLUGIN_DAMAGED = 4 /* what is stored is not what was written */
};

/* Where a plugin says what went wrong: text of at most `size` bytes, its end marked by a zero. */
struct sharpwave_plugin_message {
  char* text;
  size_t size;
};

/* What a run is. All pointers are valid during check() and open() only. */
struct sharpwave_plugin_setup {
  uint32_t size;             /* of this struct in bytes: what a newer program adds stands at its end */
  uint32_t is_coupled;       /* the answers change the simulation, so they have to be reproducible */
  const char* run;           /* its id */
  const char* config_digest; /* as in run.json, hexadecimal */
  const char* run_folder;    /* where the run writes; exists */
  const char* options;       /* JSON object: `memory.options` of the config */
  const char* snapshot;      /* folder that snapshot() wrote, to go on from; null: as it is */
  uint32_t branch;           /* how often the run had gone back to an earlier step */
  uint32_t is_resumed;       /* the run goes on; else it begins, in the place of any that was in its folder */
  uint32_t instance;         /* of a batch, as in its signals; each has a run and a folder of its own */
  /* The HDF5 library is not thread-safe, and the program uses it meanwhile: a plugin that uses it as well holds
   * this lock while it does. Not twice at a time, and not across calls of the plugin. These two pointers are
   * valid until close(). */
  void (*lock_hdf5)(void);
  void (*unlock_hdf5)(void);
};

#define SHARPWAVE_NO_ITEM 0xffffffffu
#define SHARPWAVE_PLUGIN_MOST_REPLAYS 1000u /* that an answer may have */

enum sharpwave_signal_kind { SHARPWAVE_SIGNAL_WINDOW = 0, SHARPWAVE_SIGNAL_RIPPLE = 1 };

/* What the neurons of one population of one instance did in one window. Pointers are valid during take() only. */
struct sharpwave_signal {
  uint32_t size; /* of this struct in bytes */
  uint32_t kind; /* sharpwave_signal_kind */
  uint32_t instance;
  uint32_t dimension;
  const char* population;
  const char* space;      /* of the memory */
  const float* embedding; /* [dimension], finite, of length 1 */
  uint64_t number;        /* of this instance and population in this run, from 1 */
  double begin_ms, end_ms;
  double n_spikes, mean_rate_Hz;
  double synchrony;     /* share of the neurons that fire in the best 5 ms */
  double burst;         /* peak of the population's rate over its threshold; 0 outside of ripples */
  double weight_change; /* sum of |dw| over the projections named; of a ripple since its window began */
  double eligibility;   /* sum of the absolute traces of these, at the end */
  double dopamine, serotonin, noradrenaline, acetylcholine;
  uint32_t item;  /* of a protocol, which is presented in the window; else SHARPWAVE_NO_ITEM */
  uint32_t label; /* of the item, likewise */
};

/* What a coupled run gets back. */
struct sharpwave_answer {
  uint32_t size;        /* of this struct in bytes, set by the program */
  uint32_t n_replays;   /* patterns to be replayed into the network, most important first */
  double novelty;       /* 1 - the cosine to the nearest item before this signal, in [0, 2]; 1 where there is none */
  const float* replays; /* [n_replays, dimension], of length 1; valid until the next call */
};

/* The functions of a plugin. Each returns sharpwave_plugin_result and, where that is not OK, says why; what it says
 * beside OK is a warning, which the program passes on. `self` is
 * what open() has made, which the program opens once for each run and instance. The functions of one `self` are
 * called by one thread at a time, not always the same; those of several at once. No exception may leave them. */
struct sharpwave_plugin {
  uint32_t version; /* SHARPWAVE_PLUGIN_VERSION that it was built with */
  const char* name;
  int (*open)(const struct sharpwave_plugin_setup* setup, void** self, struct sharpwave_plugin_message* why_not);
  /* Takes a signal; one whose number was taken before is passed over. A signal that is refused for what it is
   * counts as taken: the plugin counts and lists it. `answer` is null unless the run is coupled. */
  int (*take)(void* self, const struct sharpwave_signal* signal, struct sharpwave_answer* answer,
              struct sharpwave_plugin_message* why_not);
  /* When it returns, all that was taken is on the disk. */
  int (*flush)(void* self, struct sharpwave_plugin_message* why_not);
  /* Writes the state as it is now into `folder`, which does not exist yet. Coupled runs only. */
  int (*snapshot)(void* self, const char* folder, struct sharpwave_plugin_message* why_not);
  /* JSON object for run.json and the report: valid until the next call; null where there is none. */
  const char* (*status)(void* self);
  void (*close)(void* self); /* what was not flushed may be lost */
  /* Whether open() could do with this setup, asked before anything is built or an earlier run removed: whether it
   * knows the options, and has what it needs. Makes nothing. */
  int (*check)(const struct sharpwave_plugin_setup* setup, struct sharpwave_plugin_message* why_not);
};

typedef const struct sharpwave_plugin* (*sharpwave_plugin_entry)(void);

#ifdef __cplusplus
}
#endif

#endif

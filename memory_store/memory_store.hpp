// The memory store, for programs that use it: this header alone.
//
//   sharpwave::memory::Store store("memories", {});
//   const auto space = store.space(sharpwave::memory::kDefaultSpace);
//
// Include it as installed, link sharpwave::memory; docs/examples/use_the_memory is a whole program.
#pragma once

#include "memory_store/backup.hpp"
#include "memory_store/by_hand.hpp"
#include "memory_store/calibration.hpp"
#include "memory_store/consolidator.hpp"
#include "memory_store/contents.hpp"
#include "memory_store/emergency.hpp"
#include "memory_store/item.hpp"
#include "memory_store/phases.hpp"
#include "memory_store/plugin_options.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/search.hpp"
#include "memory_store/signal.hpp"
#include "memory_store/space.hpp"
#include "memory_store/space_report.hpp"
#include "memory_store/space_status.hpp"
#include "memory_store/store.hpp"
#include "memory_store/take.hpp"
#include "memory_store/unit_vector.hpp"
#include "memory_store/verify.hpp"
#include "memory_store/wall_clock.hpp"

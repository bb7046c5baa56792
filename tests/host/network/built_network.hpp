// Networks as an engine builds them.
#pragma once

#include "host/base/thread_pool.hpp"
#include "host/network/network.hpp"

namespace sharpwave::test {

inline Network build(const ModelSpec& spec, ThreadPool& pool) {
  return build_network(spec, choose_shape(spec, pool.size()), pool, select_cpu_kernels());
}

inline Network build(const ModelSpec& spec, int threads) {
  ThreadPool pool(threads);
  return build(spec, pool);
}

/// With the layout of a device.
inline Network build_for_device(const ModelSpec& spec, int threads) {
  ThreadPool pool(threads);
  return build_network(spec, device_shape(spec), pool, select_cpu_kernels());
}

}  // namespace sharpwave::test

# What the service is built on, where it is wanted; it has a memory store open. Sets SHARPWAVE_HAS_SERVICE.
include(SharpwaveSwitch)
sharpwave_switch(SHARPWAVE_SERVICE "Build the service"
  "where the memory store is built, and Boost, prometheus-cpp and libsystemd are found")

set(SHARPWAVE_HAS_SERVICE OFF)
if(NOT SHARPWAVE_SERVICE STREQUAL "OFF")
  find_package(Boost 1.74 QUIET)
  find_package(prometheus-cpp CONFIG QUIET)
  find_package(OpenSSL QUIET COMPONENTS SSL)
  find_library(SYSTEMD_LIBRARY systemd)
  find_path(SYSTEMD_INCLUDE_DIR systemd/sd-daemon.h)
  if(SHARPWAVE_HAS_MEMORY AND Boost_FOUND AND prometheus-cpp_FOUND AND TARGET OpenSSL::SSL AND SYSTEMD_LIBRARY
     AND SYSTEMD_INCLUDE_DIR)
    set(SHARPWAVE_HAS_SERVICE ON)
  elseif(SHARPWAVE_SERVICE STREQUAL "ON")
    message(FATAL_ERROR "SHARPWAVE_SERVICE is ON, but the memory store, Boost, prometheus-cpp or libsystemd is missing")
  else()
    message(STATUS "Service: not built, the memory store, Boost, prometheus-cpp or libsystemd is missing")
  endif()
endif()

# What `cmake --install` puts where, and the CMake package by which other programs use the engine:
#   find_package(sharpwave REQUIRED)
#   target_link_libraries(mine PRIVATE sharpwave::engine)
# Headers keep the paths that they have here, below include/sharpwave: #include "host/engine/engine.hpp".
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sharpwave)
set_target_properties(sharpwave_engine PROPERTIES EXPORT_NAME engine)
set_target_properties(sharpwave_base PROPERTIES EXPORT_NAME base)
set_target_properties(sharpwave_kernels PROPERTIES EXPORT_NAME kernels)
set_target_properties(sharpwave_cuda PROPERTIES EXPORT_NAME cuda)
set_target_properties(sharpwave_options PROPERTIES EXPORT_NAME options)

install(TARGETS sharpwave RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS sharpwave_engine sharpwave_base sharpwave_cuda sharpwave_kernels sharpwave_options
  EXPORT sharpwave_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sharpwave)
install(DIRECTORY kernels host
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sharpwave
  FILES_MATCHING PATTERN "*.hpp")

# Consolidation plugins, and what others are built with.
install(TARGETS sharpwave_signal_log LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/sharpwave)
install(FILES memory_store/consolidation_plugin.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sharpwave/memory_store)
if(SHARPWAVE_HAS_MEMORY)
  install(TARGETS sharpwave_memory_plugin LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/sharpwave)
  set_target_properties(sharpwave_memory PROPERTIES EXPORT_NAME memory)
  install(TARGETS sharpwave_memory EXPORT sharpwave_targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sharpwave)
  install(DIRECTORY memory_store
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sharpwave
    FILES_MATCHING PATTERN "*.hpp" PATTERN plugin EXCLUDE PATTERN signal_log EXCLUDE PATTERN space_json.hpp EXCLUDE
    PATTERN operator_json.hpp EXCLUDE)
endif()

install(EXPORT sharpwave_targets NAMESPACE sharpwave:: DESTINATION ${package_dir})
configure_package_config_file(cmake/sharpwaveConfig.cmake.in sharpwaveConfig.cmake
  INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(sharpwaveConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/sharpwaveConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/sharpwaveConfigVersion.cmake
  DESTINATION ${package_dir})

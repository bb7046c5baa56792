# Writes shipped_configs.cpp (shipped_configs.hpp says what it defines) from the files CONFIGS to OUTPUT.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/EmbeddedFile.cmake)
set(text "#include \"host/cli/shipped_configs.hpp\"\n\nnamespace sharpwave::cli {\n\nnamespace {\n\n")
set(entries)
foreach(config IN LISTS CONFIGS)
  get_filename_component(name ${config} NAME_WE)
  embedded_file(characters ${name} ${config})
  string(APPEND text "${characters}")
  string(APPEND entries "    {\"${name}\", {${name}, sizeof ${name}}},\n")
endforeach()
string(APPEND text "constexpr ShippedConfig kConfigs[] = {\n${entries}};\n\n}  // namespace\n\n"
  "const std::span<const ShippedConfig> kShippedConfigs(kConfigs);\n\n}  // namespace sharpwave::cli\n")
file(WRITE "${OUTPUT}" "${text}")

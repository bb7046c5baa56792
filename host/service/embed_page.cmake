# Writes embedded_page.cpp (embedded_page.hpp says what it defines) from the files of PAGE to OUTPUT.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/EmbeddedFile.cmake)
set(text "#include \"host/service/embedded_page.hpp\"\n\nnamespace sharpwave::service {\n\n")
foreach(pair IN ITEMS "kPageHtml index.html" "kPageStyle dist/page.css" "kPageScript dist/page.js")
  separate_arguments(pair)
  list(GET pair 0 name)
  list(GET pair 1 file)
  embedded_file(characters ${name}Characters ${PAGE}/${file})
  string(APPEND text "static ${characters}"
    "constexpr std::string_view ${name}(${name}Characters, sizeof ${name}Characters);\n\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}}  // namespace sharpwave::service\n")

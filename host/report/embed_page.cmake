# Writes embedded_page.cpp (embedded_page.hpp says what it defines) from the files of PAGE to OUTPUT.
set(text "#include \"host/report/embedded_page.hpp\"\n\nnamespace sharpwave::report {\n\n")
foreach(pair IN ITEMS "kPageTemplate template.html" "kPageStyle dist/report.css" "kPageScript dist/report.js")
  separate_arguments(pair)
  list(GET pair 0 name)
  list(GET pair 1 file)
  file(READ "${PAGE}/${file}" content HEX)
  string(LENGTH "${content}" n_digits)
  math(EXPR n_bytes "${n_digits} / 2")
  # Bytes rather than a string literal: nothing in them needs to be escaped. All of them are ASCII, or the
  # compiler complains.
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${content}")
  string(APPEND text "static constexpr char ${name}Bytes[] = {${bytes}};\n"
    "constexpr std::string_view ${name}(${name}Bytes, ${n_bytes});\n\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}}  // namespace sharpwave::report\n")

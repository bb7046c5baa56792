# embedded_file(VARIABLE NAME FILE): C++ that defines the characters of FILE as `constexpr char NAME[n]`, into VARIABLE.
# Characters rather than a string literal: nothing in them needs to be escaped.
function(embedded_file variable name file)
  file(READ "${file}" content HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," characters "${content}")
  set(${variable} "constexpr char ${name}[] = {${characters}};\n" PARENT_SCOPE)
endfunction()

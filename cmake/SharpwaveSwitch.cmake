# sharpwave_switch(NAME TEXT WHERE): a setting that is AUTO, at first, or ON, or OFF, and nothing else. TEXT says what is
# built then, WHERE what AUTO goes by.
function(sharpwave_switch name text where)
  set(${name} AUTO CACHE STRING "${text}: AUTO (${where}), ON or OFF")
  set_property(CACHE ${name} PROPERTY STRINGS AUTO ON OFF)
  if(NOT ${name} MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "${name} is '${${name}}', expected AUTO, ON or OFF")
  endif()
endfunction()

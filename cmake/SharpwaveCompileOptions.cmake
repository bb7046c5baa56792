# Options that every target shares. Spikes must not depend on the compiler or the build type, so the
# floating-point ones are part of the numerics contract: no contraction, no fast-math. -fno-trapping-math
# changes no result; without it g++ does not vectorise compare-and-select. Users of the installed library
# get these too, because its headers hold arithmetic; the processor and the warnings are our own affair.
add_library(sharpwave_options INTERFACE)
target_compile_features(sharpwave_options INTERFACE cxx_std_20)
target_compile_options(sharpwave_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off;-fno-trapping-math;-fno-math-errno>"
  "$<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:CXX>:-march=x86-64-v3;-Wall;-Wextra;-Wconversion;-Wshadow;-Wno-unknown-pragmas;-Wno-missing-field-initializers>>")
if(SHARPWAVE_WERROR)
  target_compile_options(sharpwave_options INTERFACE $<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:CXX>:-Werror>>)
endif()
target_include_directories(sharpwave_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

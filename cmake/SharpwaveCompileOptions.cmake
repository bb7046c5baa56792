# Options that every target shares. Spikes must not depend on the compiler or the build type, so the
# floating-point ones are part of the numerics contract: no contraction, no fast-math. -fno-trapping-math
# changes no result; without it g++ does not vectorise compare-and-select.
add_library(sharpwave_options INTERFACE)
target_compile_options(sharpwave_options INTERFACE
  -march=x86-64-v3 -ffp-contract=off -fno-trapping-math
  -Wall -Wextra -Wconversion -Wshadow -Wno-unknown-pragmas)
if(SHARPWAVE_WERROR)
  target_compile_options(sharpwave_options INTERFACE -Werror)
endif()
target_include_directories(sharpwave_options INTERFACE ${PROJECT_SOURCE_DIR})
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

# Installs into an empty prefix, then builds and runs docs/examples/embed against what is there.
# Set by the caller: BUILD, SOURCE, SCRATCH, CXX.
file(REMOVE_RECURSE ${SCRATCH})
set(steps
  "--install|${BUILD}|--prefix|${SCRATCH}/prefix"
  "-S|${SOURCE}/docs/examples/embed|-B|${SCRATCH}/embed|-DCMAKE_CXX_COMPILER=${CXX}|-DCMAKE_BUILD_TYPE=Release|-DCMAKE_PREFIX_PATH=${SCRATCH}/prefix"
  "--build|${SCRATCH}/embed"
  "-E|chdir|${SCRATCH}|./embed/embed")
foreach(step IN LISTS steps)
  string(REPLACE "|" ";" arguments "${step}")
  execute_process(COMMAND ${CMAKE_COMMAND} ${arguments} COMMAND_ERROR_IS_FATAL ANY)
endforeach()

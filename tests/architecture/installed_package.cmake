# Installs into an empty prefix, then builds and runs the examples of docs/examples against what is there.
# Set by the caller: BUILD, SOURCE, SCRATCH, CXX, EXAMPLES.
file(REMOVE_RECURSE ${SCRATCH})
set(steps "--install|${BUILD}|--prefix|${SCRATCH}/prefix")
foreach(example IN LISTS EXAMPLES)
  list(APPEND steps
    "-S|${SOURCE}/docs/examples/${example}|-B|${SCRATCH}/${example}|-DCMAKE_CXX_COMPILER=${CXX}|-DCMAKE_BUILD_TYPE=Release|-DCMAKE_PREFIX_PATH=${SCRATCH}/prefix"
    "--build|${SCRATCH}/${example}"
    "-E|chdir|${SCRATCH}|./${example}/${example}")
endforeach()
foreach(step IN LISTS steps)
  string(REPLACE "|" ";" arguments "${step}")
  execute_process(COMMAND ${CMAKE_COMMAND} ${arguments} COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# lineal_module(NAME name [DEPS targets...] [TEST_DEPS targets...] [TEST_LABELS labels...])
#
# One second-level folder is one static library: every *.cc beside the CMakeLists.txt that is not a test, a benchmark
# or a fuzz target belongs to it. Its *_test.cc become the program <name>_test, and a link test proves that the module
# as a whole archive needs nothing beyond its declared dependencies.
include(GoogleTest)

function(lineal_module)
  cmake_parse_arguments(M "NO_LINK_TEST" "NAME" "DEPS;TEST_DEPS;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz|main)\\.cc$")
  list(APPEND sources ${M_SOURCES})
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  file(GLOB benches CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_bench.cc)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_fuzz.cc)

  if(sources)
    add_library(${M_NAME} STATIC ${sources})
    target_link_libraries(${M_NAME} PUBLIC ${M_DEPS})
  else()
    add_library(${M_NAME} INTERFACE)
    target_link_libraries(${M_NAME} INTERFACE ${M_DEPS})
  endif()

  if(LINEAL_TESTS AND sources AND NOT M_NO_LINK_TEST)
    add_executable(${M_NAME}_link_test ${CMAKE_SOURCE_DIR}/cmake/empty_main.cc)
    target_link_libraries(${M_NAME}_link_test PRIVATE
      -Wl,--whole-archive $<TARGET_FILE:${M_NAME}> -Wl,--no-whole-archive ${M_DEPS})
    add_dependencies(${M_NAME}_link_test ${M_NAME})
    add_test(NAME link.${M_NAME} COMMAND ${M_NAME}_link_test)
  endif()

  if(LINEAL_TESTS AND tests)
    add_executable(${M_NAME}_test ${tests})
    target_link_libraries(${M_NAME}_test PRIVATE ${M_NAME} ${M_TEST_DEPS} dep::gtest GTest::gtest_main)
    gtest_discover_tests(${M_NAME}_test TEST_PREFIX "${M_NAME}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
  endif()

  if(LINEAL_TESTS)
    lineal_headers_alone(${M_NAME} ${M_DEPS})
  endif()

  foreach(fuzzer ${fuzzers})
    get_filename_component(fuzz_name ${fuzzer} NAME_WE)
    lineal_fuzzer(${fuzz_name} ${fuzzer} ${M_NAME} ${M_TEST_DEPS})
  endforeach()
endfunction()

# Every header compiles alone. One with a source of its name is proven by that source, which includes it first (the
# layer test holds that); each other gets a source of one line, in the target <name>_headers.
function(lineal_headers_alone name)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  set(sources)
  foreach(header ${headers})
    get_filename_component(stem ${header} NAME_WE)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${stem}.cc)
      file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${header})
      file(CONFIGURE OUTPUT headers/${stem}.cc CONTENT "#include \"${path}\"\n")
      list(APPEND sources ${CMAKE_CURRENT_BINARY_DIR}/headers/${stem}.cc)
    endif()
  endforeach()
  if(sources)
    add_library(${name}_headers OBJECT ${sources})
    target_compile_options(${name}_headers PRIVATE -O0)
    target_link_libraries(${name}_headers PRIVATE ${ARGN})
  endif()
endfunction()

# A fuzz target is built by clang with libFuzzer in the fuzz preset. Elsewhere it is a test that runs it there for a
# short time, after one test that builds them all.
set(LINEAL_FUZZ_SECONDS 30 CACHE STRING "How long each fuzz target runs as a test")
find_program(LINEAL_CLANG clang++)
function(lineal_fuzzer name source)
  if(LINEAL_TESTS AND NOT LINEAL_SANITIZE AND LINEAL_CLANG)
    if(NOT TEST fuzz.build)
      add_test(NAME fuzz.build COMMAND ${CMAKE_SOURCE_DIR}/dev fuzz --build-only)
      set_tests_properties(fuzz.build PROPERTIES LABELS fuzz FIXTURES_SETUP fuzzers TIMEOUT 1500 COST 1000)
    endif()
    add_test(NAME fuzz.${name} COMMAND ${CMAKE_SOURCE_DIR}/dev fuzz --run-only --seconds ${LINEAL_FUZZ_SECONDS} ${name})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz FIXTURES_REQUIRED fuzzers TIMEOUT 300 COST 100)
  endif()
  if(LINEAL_FUZZ)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE ${ARGN})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_property(GLOBAL APPEND PROPERTY LINEAL_FUZZERS ${name})
  endif()
endfunction()

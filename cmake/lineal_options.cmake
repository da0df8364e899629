# Language level, warnings, sanitizers and build speed, the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(LINEAL_SANITIZE "" CACHE STRING "address, thread or empty")
option(LINEAL_FUZZ "Build libFuzzer targets (needs clang)" OFF)
option(LINEAL_TESTS "Build tests" ON)

add_compile_options(-Wall -Wextra -Werror -Wswitch -Wnon-virtual-dtor -Woverloaded-virtual -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside its own standard library at -O2.
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-stringop-overread -Wno-free-nonheap-object)
else()
  add_compile_options(-Wno-unused-command-line-argument)
endif()
add_compile_options(-fno-omit-frame-pointer)

# RocksDB's default log level depends on NDEBUG of whoever includes it; invariants are checked in every build.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

if(LINEAL_SANITIZE)
  add_compile_definitions(LINEAL_SANITIZED)
endif()
if(LINEAL_SANITIZE STREQUAL "address")
  # The vptr check reads memory through pipes, and takes a process without free descriptors for a broken one.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined -g1)
  add_link_options(-fsanitize=address,undefined)
elseif(LINEAL_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -g1)
  # ThreadSanitizer knows no fences; what Asio guards with them is under locks, too.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  add_link_options(-fsanitize=thread)
endif()

find_program(LINEAL_CCACHE ccache)
if(LINEAL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LINEAL_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${LINEAL_CCACHE})
endif()
find_program(LINEAL_MOLD mold)
if(LINEAL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set_property(GLOBAL PROPERTY JOB_POOLS link_pool=2)
set(CMAKE_JOB_POOL_LINK link_pool)

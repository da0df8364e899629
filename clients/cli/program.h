// The program `lineal`: parses a command line, runs one command, says what went wrong, and gives an exit code.
//
// Threads: the main thread.
#pragma once

#include "absl/status/status.h"

namespace lineal::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,       // the operation failed
  kExitUsage = 2,        // the command line or an input file is wrong
  kExitUnavailable = 3,  // no server answers, or it is busy or loading: trying again may help
  kExitNotFound = 4,     // the collection, file or point is not there
  kExitDamaged = 5,      // verify found problems
};

ExitCode ExitCodeOf(const absl::Status& status);

int RunProgram(int argc, const char* const* argv);

}  // namespace lineal::cli

// A `lineal serve` of one's own: started with exec on ports that the system picks, told to stop when it goes out of
// scope.
//
// Threads: one at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/temporary_directory.h"

namespace lineal::bench {

struct ServerProcessOptions {
  std::string program;  // "": LINEAL_BIN of the environment, else the one built beside this program
  std::string data_dir;
  std::vector<std::string> flags;
  std::vector<std::pair<std::string, std::string>> environment;  // besides the caller's
  bool quiet = true;                                             // its log goes to `data_dir`.log
};

class ServerProcess {
 public:
  // Returns when the server is ready. UNAVAILABLE if it ends before.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const ServerProcessOptions& options);
  ~ServerProcess();

  // "127.0.0.1:port".
  const std::string& rest_address() const { return rest_address_; }
  const std::string& grpc_address() const { return grpc_address_; }
  pid_t pid() const { return pid_; }
  // CPU time of all its threads so far; 0 when the system does not say.
  double CpuSeconds() const;
  // Asks it to stop and waits; its exit status as waitpid() gives it. Idempotent.
  int Stop();
  // Ends it at once, as a crash would.
  void Kill();

 private:
  ServerProcess(pid_t pid, std::string rest_address, std::string grpc_address)
      : pid_(pid), rest_address_(std::move(rest_address)), grpc_address_(std::move(grpc_address)) {}
  int End(int signal);

  pid_t pid_;
  int exit_status_ = 0;
  std::string rest_address_;
  std::string grpc_address_;
};

}  // namespace lineal::bench

// A program of bench/peers: JSON lines to it, JSON lines from it. Ended when it goes out of scope.
//
// Threads: one at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lineal::bench {

class PeerProcess {
 public:
  // UNAVAILABLE, saying what installs it, if that of `name` is not installed.
  static absl::Status CheckInstalled(const std::string& name);
  // Starts bench/peers/NAME/NAME.mjs over `folder` with so many threads for its library.
  static absl::StatusOr<std::unique_ptr<PeerProcess>> Start(const std::string& name, const std::string& folder,
                                                            size_t threads);
  ~PeerProcess();

  // The next line that is a JSON object; others are what its library prints, and skipped. UNAVAILABLE with the
  // program's own words if that is an error, or if it has ended.
  absl::StatusOr<nlohmann::json> Read();
  absl::StatusOr<nlohmann::json> Ask(const nlohmann::json& question);

 private:
  PeerProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}

  const pid_t pid_;
  const int socket_;
  std::string received_;
};

}  // namespace lineal::bench

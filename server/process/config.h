// What a server can be told, and where it is told it: a YAML file, the environment and flags, later ones winning.
// Plain data once loaded.
//
// Threads: any; nothing here is shared.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/file_system.h"
#include "server/core/access.h"

namespace lineal::server {

// The defaults stand here and nowhere else. 0 for a number of threads: chosen from the number of processors.
struct ServerConfig {
  std::string data_dir = "./data";
  std::string host = "127.0.0.1";
  uint64_t rest_port = 6333;
  uint64_t grpc_port = 6334;
  bool allow_insecure_bind = false;
  std::string audit_key_file;
  uint64_t openlineage_retention_s = 30 * 86'400;
  std::string openlineage_namespace;
  std::string openlineage_schema_url;

  std::string api_key;
  std::string api_key_file;
  std::string read_only_api_key;
  std::string read_only_api_key_file;
  std::string api_keys_file;
  std::vector<ApiKey> api_keys;  // all of them

  std::string log_level = "info";
  std::string log_format = "text";

  uint64_t body_bytes_max = 32ull << 20;
  uint64_t grpc_message_bytes_max = 64ull << 20;
  uint64_t request_timeout_ms = 60'000;
  uint64_t idle_timeout_ms = 60'000;
  uint64_t header_timeout_ms = 10'000;
  uint64_t connections_max = 8192;
  uint64_t queue_max = 1024;
  uint64_t drain_ms = 10'000;

  uint64_t io_threads = 1;
  uint64_t read_threads = 0;
  uint64_t write_threads = 16;
  uint64_t search_threads = 0;
  uint64_t optimizer_threads = 0;
  std::string read_processors;
  std::string optimizer_processors;

  uint64_t memory_limit_bytes = 0;
  uint64_t block_cache_bytes = 256ull << 20;
  uint64_t write_buffer_bytes = 512ull << 20;
  uint64_t disk_reserve_bytes = 64ull << 20;
  uint64_t background_bytes_per_s = 256ull << 20;
  uint64_t background_threads = 2;
};

// Everything a process was told. Keys of `flags` are setting keys ("rest_port"), those of `environment` are whole names
// ("LINEAL_REST_PORT"); names that do not begin with LINEAL_ are passed over.
struct ConfigSources {
  std::string yaml;
  std::string yaml_name = "configuration file";
  std::map<std::string, std::string> environment;
  std::vector<std::pair<std::string, std::string>> flags;
};

// Defaults, then YAML, then environment, then flags; then reads the key files and checks what belongs together.
// INVALID_ARGUMENT naming the source, the key, the value and what is allowed; the status of `files` for a key file.
absl::StatusOr<ServerConfig> LoadConfig(const ConfigSources& sources, FileSystem* files);

// LINEAL_ names in `environment` that are no setting's and no known other's; a likely misspelling each. Names that
// Kubernetes makes up for services (LINEAL_SERVICE_HOST, LINEAL_PORT_6333_TCP) are not among them.
std::vector<std::string> UnknownEnvironment(const std::map<std::string, std::string>& environment);

// Whether only this machine can reach the address.
bool IsLoopback(const std::string& host);

inline constexpr size_t kConfigBytesMax = 1 << 20;

}  // namespace lineal::server

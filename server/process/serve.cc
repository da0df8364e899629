#include "server/process/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/clock.h"
#include "base/executor.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/processors.h"
#include "base/status.h"
#include "engine/database/open_database.h"
#include "server/core/process_memory.h"
#include "server/core/service.h"
#include "server/core/version.h"
#include "server/grpc/grpc_server.h"
#include "server/process/loading_database.h"
#include "server/process/memory_limit.h"
#include "server/process/service_notify.h"
#include "server/process/stop_signals.h"
#include "server/rest/rest_server.h"

namespace lineal::server {
namespace {

constexpr size_t kAdvisedKeyBytes = 16;

LogLevel LevelOf(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

size_t Processors() { return std::max(1u, std::thread::hardware_concurrency()); }

// Connections, memory-mapped segments and RocksDB's tables all want descriptors; the soft limit is often 1024.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) Log(LogLevel::kWarning, "could not raise the limit of open files");
}

void WarnOfWeakness(const ServerConfig& config) {
  if (config.api_key.empty() && !IsLoopback(config.host)) {
    Log(LogLevel::kWarning, "everyone who reaches the port may do everything: no key is configured",
        {{"host", config.host}});
  }
  if (!config.api_key.empty() && config.api_key.size() < kAdvisedKeyBytes) {
    Log(LogLevel::kWarning, "`api_key` is short; `openssl rand -hex 32` makes a good one");
  }
}

// Caches, buffers and the log would fill a small limit by themselves and leave nothing for points.
void FitInto(uint64_t limit_bytes, engine::DatabaseOptions* options) {
  options->memory_limit_bytes = limit_bytes;
  if (limit_bytes == 0) return;
  options->resources.block_cache_bytes = std::min(options->resources.block_cache_bytes, limit_bytes / 4);
  options->resources.write_buffer_bytes = std::min(options->resources.write_buffer_bytes, limit_bytes / 4);
  options->log.segment_bytes = std::min(options->log.segment_bytes, std::max<uint64_t>(limit_bytes / 32, 1 << 20));
  Log(LogLevel::kInfo, "memory is limited",
      {{"bytes", StrCat(limit_bytes)},
       {"block_cache_bytes", StrCat(options->resources.block_cache_bytes)},
       {"write_buffer_bytes", StrCat(options->resources.write_buffer_bytes)}});
}

engine::DatabaseOptions DatabaseOptionsOf(const ServerConfig& config) {
  engine::DatabaseOptions options;
  options.directory = config.data_dir;
  options.audit_key_file = config.audit_key_file;
  options.resources.block_cache_bytes = config.block_cache_bytes;
  options.resources.write_buffer_bytes = config.write_buffer_bytes;
  options.resources.background_bytes_per_s = config.background_bytes_per_s;
  options.resources.background_threads = static_cast<int>(config.background_threads);
  options.resources.disk_reserve_bytes = config.disk_reserve_bytes;
  options.search_threads = config.search_threads ? config.search_threads : Processors();
  options.optimizer_threads =
      config.optimizer_threads ? config.optimizer_threads : std::max<size_t>(1, Processors() / 2);
  options.optimizer_processors = ParseProcessors(config.optimizer_processors).value_or(std::vector<int>());
  FitInto(MemoryLimit(config.memory_limit_bytes), &options);
  return options;
}

WorkPoolOptions WorkOptionsOf(const ServerConfig& config) {
  WorkPoolOptions options;
  options.read_threads = config.read_threads ? config.read_threads : std::max<size_t>(4, Processors());
  options.read_processors = ParseProcessors(config.read_processors).value_or(std::vector<int>());
  options.write_threads = config.write_threads;
  options.queue_max = config.queue_max;
  return options;
}

struct Doors {
  std::unique_ptr<RestServer> rest;
  std::unique_ptr<GrpcServer> grpc;

  absl::Status Open(const ServerConfig& config, const Service& service) {
    RestOptions rest_options;
    rest_options.host = config.host;
    rest_options.port = static_cast<uint16_t>(config.rest_port);
    rest_options.io_threads = static_cast<int>(config.io_threads);
    rest_options.connections_max = config.connections_max;
    rest_options.idle_timeout_ms = static_cast<int64_t>(config.idle_timeout_ms);
    rest_options.header_timeout_ms = static_cast<int64_t>(config.header_timeout_ms);
    LINEAL_ASSIGN_OR_RETURN(rest, RestServer::Start(rest_options, service));
    GrpcOptions grpc_options;
    grpc_options.host = config.host;
    grpc_options.port = static_cast<uint16_t>(config.grpc_port);
    grpc_options.connections_max = config.connections_max;
    grpc_options.max_message_bytes = static_cast<int>(config.grpc_message_bytes_max);
    LINEAL_ASSIGN_OR_RETURN(grpc, GrpcServer::Start(grpc_options, service));
    return absl::OkStatus();
  }

  // Both at once, so that neither waits for the other's requests.
  void Close(int64_t drain_ms) {
    ServiceThread other("drain", [&] {
      if (grpc) grpc->Stop(drain_ms);
    });
    if (rest) rest->Stop(drain_ms);
  }
};

std::string HostOf(const ServerConfig& config) {
  return config.host.find(':') == std::string::npos ? config.host : "[" + config.host + "]";
}

std::string Address(const ServerConfig& config, const Doors& doors) {
  return StrCat(HostOf(config), ":", doors.rest->port());
}

engine::OpenLineageOptions OpenLineageOf(const ServerConfig& config, const std::string& address) {
  engine::OpenLineageOptions options;
  options.retention_s = static_cast<int64_t>(config.openlineage_retention_s);
  options.names.name_space = config.openlineage_namespace;
  options.names.schemas = config.openlineage_schema_url;
  if (options.names.name_space.empty()) options.names.name_space = "lineal://" + address;
  if (options.names.schemas.empty()) options.names.schemas = "http://" + address + "/v1/schemas/";
  if (!options.names.schemas.ends_with('/')) options.names.schemas.push_back('/');
  return options;
}

void SayReady(const ServerConfig& config, const Doors& doors) {
  std::printf("lineal %s ready  rest=http://%s  grpc=%s:%u  data=%s\n", kLinealVersion, Address(config, doors).c_str(),
              HostOf(config).c_str(), static_cast<unsigned>(doors.grpc->port()), config.data_dir.c_str());
  std::fflush(stdout);
  NotifyServiceManager("READY=1");
}

}  // namespace

absl::Status Serve(const ServerConfig& config) {
  ConfigureLog(LevelOf(config.log_level), config.log_format == "json" ? LogFormat::kJson : LogFormat::kText);
  RaiseDescriptorLimit();
  LimitHeap(Processors());
  StopSignals signals;
  WarnOfWeakness(config);

  const AccessControl access(config.api_key, config.read_only_api_key);
  ServerMetrics metrics;
  LoadingDatabase database;
  WorkPool work(WorkOptionsOf(config));
  const Service service = {.database = &database,
                           .access = &access,
                           .metrics = &metrics,
                           .work = &work,
                           .clock = SystemClock(),
                           .request_timeout_ms = static_cast<int64_t>(config.request_timeout_ms),
                           .body_bytes_max = config.body_bytes_max};
  Doors doors;
  absl::Status status = doors.Open(config, service);
  if (status.ok()) {
    const int64_t started_ns = SystemClock()->MonotonicNs();
    engine::DatabaseOptions options = DatabaseOptionsOf(config);
    options.process_bytes = AnonymousBytes();
    options.open_lineage = OpenLineageOf(config, Address(config, doors));
    auto opened = engine::OpenDatabase(options);
    if (opened.ok()) {
      database.Attach(*std::move(opened));
      Log(LogLevel::kInfo, "database open",
          {{"data_dir", config.data_dir}, {"ms", StrCat((SystemClock()->MonotonicNs() - started_ns) / 1'000'000)}});
      if (!signals.requested()) SayReady(config, doors);
      signals.Wait();
    } else {
      status = opened.status();
    }
  }

  NotifyServiceManager("STOPPING=1");
  doors.Close(static_cast<int64_t>(config.drain_ms));
  work.Stop();
  database.Stop();
  Log(LogLevel::kInfo, "stopped");
  return status;
}

}  // namespace lineal::server

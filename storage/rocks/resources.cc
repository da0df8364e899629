#include "storage/rocks/resources.h"

#include <utility>

#include "base/status.h"
#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "rocksdb/listener.h"
#include "rocksdb/options.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/write_buffer_manager.h"
#include "storage/rocks/disk_guard.h"
#include "storage/rocks/info_log.h"
#include "storage/rocks/rocks_status.h"

namespace lineal::storage {
namespace {

// RocksDB would find its own way back from a full disk, by its own idea of room and of time.
class NoAutomaticRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

class LocalRocksResources final : public RocksResources {
 public:
  LocalRocksResources(const std::string& directory, lineal::FileSystem* files, const ResourceOptions& options)
      : options_(options),
        block_cache_(rocksdb::NewLRUCache(options.block_cache_bytes)),
        write_buffers_(std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes)),
        rate_limiter_(rocksdb::NewGenericRateLimiter(static_cast<int64_t>(options.background_bytes_per_s))),
        guard_(directory, files,
               DiskGuardOptions{.reserve_bytes = options.disk_reserve_bytes,
                                .sample_ms = options.space_sample_ms,
                                .clock = options.clock,
                                .owed_bytes = [this] { return write_buffers_->memory_usage(); }}) {
    if (options.rocks_file_system) env_ = rocksdb::NewCompositeEnv(options.rocks_file_system);
  }

  absl::Status Start() { return guard_.Start(); }
  absl::Status CheckRoom(uint64_t bytes, bool frees_space) override { return guard_.Check(bytes, frees_space); }

  absl::Status MakeDirectory(const std::string& directory) override {
    rocksdb::Env* env = env_ ? env_.get() : rocksdb::Env::Default();
    return FromRocks(env->CreateDirIfMissing(directory), StrCat("create ", directory));
  }

  void Configure(const std::string& name, Budget budget, rocksdb::DBOptions* options) override {
    options->env = env_ ? env_.get() : rocksdb::Env::Default();
    options->create_if_missing = true;
    options->create_missing_column_families = true;
    options->paranoid_checks = true;
    options->info_log = std::make_shared<InfoLog>(name);
    options->info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    options->rate_limiter = rate_limiter_;
    options->max_background_jobs = options_.background_threads;
    if (budget == Budget::kShared) options->write_buffer_manager = write_buffers_;
    // What failed to reach the disk is never tried again under RocksDB's own feet.
    options->max_bgerror_resume_count = 0;
    options->listeners.push_back(std::make_shared<NoAutomaticRecovery>());
    options->stats_dump_period_sec = 0;
    options->stats_persist_period_sec = 0;
    options->max_open_files = 1024;
    options->keep_log_file_num = 1;
  }

  const std::shared_ptr<rocksdb::Cache>& block_cache() const override { return block_cache_; }
  uint64_t cached_bytes() const override { return block_cache_->GetUsage(); }
  const ResourceOptions& options() const override { return options_; }

 private:
  const ResourceOptions options_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::shared_ptr<rocksdb::RateLimiter> rate_limiter_;
  DiskGuard guard_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RocksResources>> RocksResources::Create(const std::string& directory,
                                                                       lineal::FileSystem* files,
                                                                       const ResourceOptions& options) {
  LINEAL_RETURN_IF_ERROR(files->CreateDirectories(directory));
  auto resources = std::make_unique<LocalRocksResources>(directory, files, options);
  LINEAL_RETURN_IF_ERROR(resources->Start());
  return resources;
}

}  // namespace lineal::storage

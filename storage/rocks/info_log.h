// Where RocksDB's info log goes: warnings and errors to our log, the rest nowhere. Each database has one of its own;
// the packaged RocksDB ends the process when its own log writer meets a full disk.
//
// Threads: any.
#pragma once

#include <string>

#include "rocksdb/env.h"

namespace lineal::storage {

class InfoLog final : public rocksdb::Logger {
 public:
  explicit InfoLog(std::string database);
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override;

 private:
  const std::string database_;
};

}  // namespace lineal::storage

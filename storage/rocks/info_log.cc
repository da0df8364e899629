#include "storage/rocks/info_log.h"

#include <cstdarg>
#include <cstdio>

#include "base/log.h"

namespace lineal::storage {

InfoLog::InfoLog(std::string database)
    : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), database_(std::move(database)) {}

// Lines without a level are informational.
void InfoLog::Logv(const char*, va_list) {}

void InfoLog::Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
  if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) return;
  char line[1024];
  std::vsnprintf(line, sizeof line, format, arguments);
  LogLevel ours = level == rocksdb::InfoLogLevel::WARN_LEVEL ? LogLevel::kWarning : LogLevel::kError;
  Log(ours, line, {{"database", database_}});
}

}  // namespace lineal::storage

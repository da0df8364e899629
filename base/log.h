// The process's log: levelled lines of a message and key=value fields, as text for people or JSON for machines.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace lineal {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

using LogField = std::pair<std::string_view, std::string>;

// Called once at start; text on stderr at info level until then.
void ConfigureLog(LogLevel level, LogFormat format);
// Threads: any. Never blocks on anything but stderr.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
bool LogEnabled(LogLevel level);

}  // namespace lineal

#include "server/process/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>
#include <vector>

#include "base/processors.h"
#include "base/status.h"

namespace lineal::server {
namespace {

using C = ServerConfig;
using enum SettingType;

constexpr uint64_t kThreadsMax = 1024;
constexpr uint64_t kDayMs = 86'400'000;
constexpr uint64_t kMiB = 1ull << 20;
constexpr uint64_t kTiB = 1ull << 40;

const Setting kSettings[] = {
    {"data_dir", kText, &C::data_dir, "Directory that holds everything. Created if it is not there."},
    {"host", kText, &C::host, "Address to listen on. Anything but loopback needs a key, or `allow_insecure_bind`."},
    {"rest_port", kNumber, &C::rest_port, "Port of the REST door; 0 picks a free one.", 0, 65535},
    {"grpc_port", kNumber, &C::grpc_port, "Port of the gRPC door; 0 picks a free one.", 0, 65535},
    {"allow_insecure_bind", kBool, &C::allow_insecure_bind,
     "Listen beyond loopback although no key is configured. Everyone who reaches the port may do everything."},
    {"audit_key_file", kText, &C::audit_key_file,
     "Private key that checkpoints of the audit log are signed with; made if it is not there. Empty: `keys/audit.key` "
     "of "
     "`data_dir`."},
    {"openlineage_retention_s", kNumber, &C::openlineage_retention_s,
     "How long OpenLineage events are kept as they came, in seconds; 0: for ever. The graph that they add up to stays.",
     0, 100 * 365 * 86'400ull},
    {"openlineage_namespace", kText, &C::openlineage_namespace,
     "Namespace of our own jobs and collections in OpenLineage events. Empty: `lineal://` with `host` and the REST "
     "port."},
    {"openlineage_schema_url", kText, &C::openlineage_schema_url,
     "Where others reach `/v1/schemas/` of this server, named in events. Empty: `http://` with `host` and the REST "
     "port."},
    {"api_key", kText, &C::api_key, "Key that may do everything. At least 16 characters are advised.", 0, 0, {}, true},
    {"api_key_file", kText, &C::api_key_file, "File whose first line is `api_key`."},
    {"read_only_api_key", kText, &C::read_only_api_key, "Key that may only read; needs `api_key` too.", 0, 0, {}, true},
    {"read_only_api_key_file", kText, &C::read_only_api_key_file, "File whose first line is `read_only_api_key`."},
    {"log_level", kChoice, &C::log_level, "Least important line that is logged (to stderr).", 0, 0,
     "debug|info|warning|error"},
    {"log_format", kChoice, &C::log_format, "Lines for people or for machines.", 0, 0, "text|json"},
    {"body_bytes_max", kBytes, &C::body_bytes_max, "Largest REST body; a larger one is answered with 413.", 1024,
     1024 * kMiB},
    {"grpc_message_bytes_max", kBytes, &C::grpc_message_bytes_max, "Largest gRPC message.", 1024, 1024 * kMiB},
    {"request_timeout_ms", kMilliseconds, &C::request_timeout_ms,
     "How long a request may take, unless it asks for less.", 1, kDayMs},
    {"idle_timeout_ms", kMilliseconds, &C::idle_timeout_ms, "A REST connection without a request is closed after this.",
     100, kDayMs},
    {"header_timeout_ms", kMilliseconds, &C::header_timeout_ms, "A REST request's header must have arrived after this.",
     100, kDayMs},
    {"connections_max", kNumber, &C::connections_max, "Open connections at each door; more are closed at once.", 1,
     1'000'000},
    {"queue_max", kNumber, &C::queue_max, "Requests that may wait for a thread; more are answered with 429.", 1,
     1'000'000},
    {"drain_ms", kMilliseconds, &C::drain_ms, "How long a stopping server waits for requests in flight.", 0, kDayMs},
    {"io_threads", kNumber, &C::io_threads, "Threads that parse and write REST requests.", 1, kThreadsMax},
    {"read_threads", kNumber, &C::read_threads, "Threads that run reads; 0: one for each processor, at least 4.", 0,
     kThreadsMax},
    {"write_threads", kNumber, &C::write_threads, "Threads that run writes; they mostly wait for one shared sync.", 1,
     kThreadsMax},
    {"search_threads", kNumber, &C::search_threads, "Threads that search segments; 0: one for each processor.", 0,
     kThreadsMax},
    {"optimizer_threads", kNumber, &C::optimizer_threads,
     "Threads that build, merge and vacuum; 0: half of the processors, at least 1.", 0, kThreadsMax},
    {"read_processors", kProcessors, &C::read_processors,
     "Processors that reads are kept to, by their numbers; empty: all that the process may run on."},
    {"optimizer_processors", kProcessors, &C::optimizer_processors,
     "Processors that listing, sealing, building, merging and vacuuming are kept to; empty: all."},
    {"memory_limit_bytes", kBytes, &C::memory_limit_bytes,
     "Writes that would take the memory ledger beyond are answered with 429, and caches take a quarter of it at most; "
     "0: nine tenths of the control group's limit, if there is one.",
     0, 64 * kTiB},
    {"block_cache_bytes", kBytes, &C::block_cache_bytes, "Cache of data blocks, shared by all collections.", kMiB,
     64 * kTiB},
    {"write_buffer_bytes", kBytes, &C::write_buffer_bytes, "Memory for writes that are not flushed yet.", 16 * kMiB,
     64 * kTiB},
    {"disk_reserve_bytes", kBytes, &C::disk_reserve_bytes,
     "Room kept for deletes; other writes are refused when less than this is free.", 0, 64 * kTiB},
    {"background_bytes_per_s", kBytes, &C::background_bytes_per_s, "Disk rate of flushes and compactions together.",
     kMiB, kTiB},
    {"background_threads", kNumber, &C::background_threads, "Threads for flushes and compactions.", 1, kThreadsMax},
};

struct Unit {
  std::string_view name;
  uint64_t bytes;
};
// Larger binary units first: SettingText takes the first that divides.
constexpr std::array<Unit, 9> kUnits = {{{"TiB", 1ull << 40},
                                         {"GiB", 1ull << 30},
                                         {"MiB", 1ull << 20},
                                         {"KiB", 1ull << 10},
                                         {"TB", 1'000'000'000'000},
                                         {"GB", 1'000'000'000},
                                         {"MB", 1'000'000},
                                         {"KB", 1'000},
                                         {"B", 1}}};

std::string BytesText(uint64_t bytes) {
  for (const Unit& unit : kUnits) {
    if (bytes != 0 && unit.name.size() == 3 && bytes % unit.bytes == 0) return StrCat(bytes / unit.bytes, unit.name);
  }
  return StrCat(bytes);
}

absl::Status Refuse(const Setting& setting, std::string_view text) {
  std::string_view hint;
  if (text.starts_with("tcp://")) hint = " (Kubernetes sets such variables for a Service of that name)";
  return InvalidArgument("`", setting.key, "` is ", AllowedText(setting), ", got \"", text.substr(0, 100), "\"", hint);
}

bool ParseNumber(const Setting& setting, std::string_view text, uint64_t* number) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return false;
  std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
  uint64_t factor = 1;
  if (setting.type == kBytes && !rest.empty()) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const auto unit = std::ranges::find(kUnits, rest, &Unit::name);
    if (unit == kUnits.end()) return false;
    factor = unit->bytes;
    rest = {};
  }
  if (!rest.empty() || value > UINT64_MAX / factor) return false;
  value *= factor;
  if (value < setting.min || value > setting.max) return false;
  *number = value;
  return true;
}

bool IsChoice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == text) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return std::nullopt;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const Setting> Settings() { return kSettings; }

const Setting* FindSetting(std::string_view key) {
  const auto it = std::ranges::find(kSettings, key, &Setting::key);
  return it == std::end(kSettings) ? nullptr : it;
}

std::string EnvironmentName(const Setting& setting) {
  std::string name = StrCat("LINEAL_", setting.key);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::string FlagName(const Setting& setting) {
  if (setting.secret) return "";
  std::string name = StrCat("--", setting.key);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string AllowedText(const Setting& setting) {
  switch (setting.type) {
    case kText:
      return "text";
    case kBool:
      return "true or false";
    case kChoice: {
      std::string words(setting.choices);
      const size_t last = words.rfind('|');
      words.replace(last, 1, " or ");
      for (size_t bar = words.find('|'); bar != std::string::npos; bar = words.find('|')) words.replace(bar, 1, ", ");
      return words;
    }
    case kProcessors:
      return "numbers and ranges below 1024, such as 0-3,8";
    case kNumber:
      return StrCat(setting.min, " to ", setting.max);
    case kMilliseconds:
      return StrCat(setting.min, " to ", setting.max, " ms");
    case kBytes:
      return StrCat(BytesText(setting.min), " to ", BytesText(setting.max));
  }
  return "";
}

absl::Status ApplySetting(const Setting& setting, std::string_view text, ServerConfig* config) {
  if (text.find('\0') != std::string_view::npos) return InvalidArgument("`", setting.key, "` holds a zero byte");
  switch (setting.type) {
    case kText:
      config->*std::get<std::string C::*>(setting.target) = std::string(text);
      return absl::OkStatus();
    case kProcessors:
      if (!ParseProcessors(text).ok()) return Refuse(setting, text);
      config->*std::get<std::string C::*>(setting.target) = std::string(text);
      return absl::OkStatus();
    case kChoice:
      if (!IsChoice(setting.choices, text)) return Refuse(setting, text);
      config->*std::get<std::string C::*>(setting.target) = std::string(text);
      return absl::OkStatus();
    case kBool: {
      const std::optional<bool> value = ParseBool(text);
      if (!value) return Refuse(setting, text);
      config->*std::get<bool C::*>(setting.target) = *value;
      return absl::OkStatus();
    }
    case kNumber:
    case kMilliseconds:
    case kBytes:
      if (!ParseNumber(setting, text, &(config->*std::get<uint64_t C::*>(setting.target))))
        return Refuse(setting, text);
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

std::string SettingText(const Setting& setting, const ServerConfig& config) {
  switch (setting.type) {
    case kText:
    case kChoice:
    case kProcessors:
      return config.*std::get<std::string C::*>(setting.target);
    case kBool:
      return config.*std::get<bool C::*>(setting.target) ? "true" : "false";
    case kNumber:
    case kMilliseconds:
      return StrCat(config.*std::get<uint64_t C::*>(setting.target));
    case kBytes:
      return BytesText(config.*std::get<uint64_t C::*>(setting.target));
  }
  return "";
}

std::string NearestKey(std::string_view name) {
  std::string_view best;
  size_t best_distance = 4;
  if (name.size() > 64) return "";
  for (const Setting& setting : kSettings) {
    const size_t distance = EditDistance(name, setting.key);
    if (distance < best_distance) {
      best = setting.key;
      best_distance = distance;
    }
  }
  return std::string(best);
}

std::string SettingsMarkdown() {
  const ServerConfig defaults;
  std::string out = "| YAML key | environment | flag | allowed | default | meaning |\n|---|---|---|---|---|---|\n";
  for (const Setting& setting : kSettings) {
    const std::string flag = FlagName(setting);
    const std::string value = SettingText(setting, defaults);
    StrAppend(&out, "| `", setting.key, "` | `", EnvironmentName(setting), "` | ", flag.empty() ? "" : "`" + flag + "`",
              " | ", AllowedText(setting), " | ", value.empty() ? "" : "`" + value + "`", " | ", setting.help, " |\n");
  }
  return out;
}

}  // namespace lineal::server

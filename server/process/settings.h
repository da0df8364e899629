// The table of settings. The YAML file, the environment, the flags, `--help` and the table in docs/configuration.md are
// all read from it, so that a setting is added in one place.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "server/process/config.h"

namespace lineal::server {

enum class SettingType { kText, kChoice, kBool, kNumber, kBytes, kMilliseconds, kProcessors };

struct Setting {
  std::string_view key;  // as in YAML
  SettingType type;
  std::variant<std::string ServerConfig::*, uint64_t ServerConfig::*, bool ServerConfig::*> target;
  std::string_view help;
  uint64_t min = 0;  // of numbers
  uint64_t max = 0;
  std::string_view choices = {};  // of kChoice, separated by "|"
  bool secret = false;            // has no flag, since a command line can be read by everyone on the machine
};

std::span<const Setting> Settings();
const Setting* FindSetting(std::string_view key);

std::string EnvironmentName(const Setting& setting);  // "LINEAL_REST_PORT"
std::string FlagName(const Setting& setting);         // "--rest-port"; "" for a secret

// Sets one setting from text. Bytes take a suffix (KiB, MiB, GiB, TiB; KB, MB, GB, TB). INVALID_ARGUMENT with the value
// and what is allowed.
absl::Status ApplySetting(const Setting& setting, std::string_view text, ServerConfig* config);
// A setting's value as it would be written in YAML; "" for an empty text.
std::string SettingText(const Setting& setting, const ServerConfig& config);

// The allowed values in words: "1 to 65535", "debug, info, warning or error".
std::string AllowedText(const Setting& setting);
// The key most like `name`; "" if none is close.
std::string NearestKey(std::string_view name);

// The table of docs/configuration.md.
std::string SettingsMarkdown();

}  // namespace lineal::server

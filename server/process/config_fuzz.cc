// Feeds a configuration file of any bytes, and one environment value, to LoadConfig. Whatever comes, it answers with a
// configuration whose numbers are inside their limits or with an error that has a message; it never crashes, and a key
// never appears in an error.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/file_system.h"
#include "base/status.h"
#include "server/process/config.h"
#include "server/process/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lineal;
  using namespace lineal::server;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t cut = std::min(input.find('\xff'), input.size());
  ConfigSources sources;
  sources.yaml = std::string(input.substr(0, cut));
  // Key files are left out: their names would be paths of this machine.
  if (sources.yaml.find("key_file") != std::string::npos) return 0;
  if (cut < input.size()) {
    const std::string_view rest = input.substr(cut + 1);
    const Setting& setting = Settings()[rest.empty() ? 0 : static_cast<uint8_t>(rest[0]) % Settings().size()];
    if (!setting.key.ends_with("key_file")) {
      sources.environment[EnvironmentName(setting)] = std::string(rest.substr(std::min<size_t>(1, rest.size())));
    }
  }
  const auto config = LoadConfig(sources, PosixFileSystem());
  if (!config.ok()) {
    LINEAL_CHECK(!MessageOf(config.status()).empty());
    return 0;
  }
  for (const Setting& setting : Settings()) {
    ServerConfig again;
    LINEAL_CHECK(ApplySetting(setting, SettingText(setting, *config), &again).ok());
    LINEAL_CHECK(SettingText(setting, again) == SettingText(setting, *config));
  }
  return 0;
}

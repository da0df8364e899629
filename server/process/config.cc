#include "server/process/config.h"

#include <yaml-cpp/yaml.h>

#include <boost/asio/ip/address.hpp>
#include <set>

#include "base/status.h"
#include "server/process/api_keys.h"
#include "server/process/settings.h"

namespace lineal::server {
namespace {

// Read by other parts of the program than the server's configuration.
constexpr std::string_view kOtherNames[] = {"LINEAL_CONFIG", "LINEAL_KERNELS", "LINEAL_URL"};

absl::Status UnknownKey(std::string_view where, std::string_view key) {
  const std::string nearest = NearestKey(key);
  return InvalidArgument(where, ": there is no setting `", key.substr(0, 100), "`",
                         nearest.empty() ? "" : StrCat("; did you mean `", nearest, "`?"));
}

absl::Status ApplyYaml(const ConfigSources& sources, ServerConfig* config) {
  if (sources.yaml.empty()) return absl::OkStatus();
  if (sources.yaml.size() > kConfigBytesMax) {
    return InvalidArgument(sources.yaml_name, ": has ", sources.yaml.size(), " bytes, at most ", kConfigBytesMax,
                           " are read");
  }
  // yaml-cpp throws from the parser and from conversions alike.
  try {
    const YAML::Node root = YAML::Load(sources.yaml);
    if (!root || root.IsNull()) return absl::OkStatus();
    if (!root.IsMap()) return InvalidArgument(sources.yaml_name, ": wants lines of the form `key: value`");
    std::set<std::string> seen;
    for (const auto& item : root) {
      const std::string where = StrCat(sources.yaml_name, ":", item.first.Mark().line + 1);
      if (!item.first.IsScalar()) return InvalidArgument(where, ": a key must be a name");
      const std::string& key = item.first.Scalar();
      const Setting* setting = FindSetting(key);
      if (setting == nullptr) return UnknownKey(where, key);
      if (!seen.insert(key).second) return InvalidArgument(where, ": `", key, "` is given twice");
      if (!item.second.IsScalar()) return InvalidArgument(where, ": `", key, "` is ", AllowedText(*setting));
      LINEAL_RETURN_IF_ERROR(Annotate(ApplySetting(*setting, item.second.Scalar(), config), where));
    }
  } catch (const std::exception& error) {
    return InvalidArgument(sources.yaml_name, ": ", error.what());
  }
  return absl::OkStatus();
}

absl::Status ApplyEnvironment(const ConfigSources& sources, ServerConfig* config) {
  for (const Setting& setting : Settings()) {
    const std::string name = EnvironmentName(setting);
    const auto it = sources.environment.find(name);
    if (it == sources.environment.end()) continue;
    LINEAL_RETURN_IF_ERROR(Annotate(ApplySetting(setting, it->second, config), StrCat("environment variable ", name)));
  }
  return absl::OkStatus();
}

absl::Status ApplyFlags(const ConfigSources& sources, ServerConfig* config) {
  for (const auto& [key, text] : sources.flags) {
    const Setting* setting = FindSetting(key);
    if (setting == nullptr || setting->secret) return UnknownKey("command line", key);
    LINEAL_RETURN_IF_ERROR(Annotate(ApplySetting(*setting, text, config), StrCat("flag ", FlagName(*setting))));
  }
  return absl::OkStatus();
}

absl::Status ReadKeyFile(const std::string& path, FileSystem* files, std::string* key) {
  if (path.empty()) return absl::OkStatus();
  if (!key->empty()) return InvalidArgument("a key is given both as text and as the file ", path);
  LINEAL_ASSIGN_OR_RETURN(std::string text, files->ReadFile(path));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) return InvalidArgument("the key file ", path, " is empty");
  *key = std::move(text);
  return absl::OkStatus();
}

// One key that may do everything, one that may read, and those of the file.
absl::Status CollectKeys(FileSystem* files, ServerConfig* config) {
  if (!config->api_key.empty()) config->api_keys.push_back({"admin", config->api_key, Right::kManage, ""});
  if (!config->read_only_api_key.empty()) {
    config->api_keys.push_back({"read-only", config->read_only_api_key, Right::kRead, ""});
  }
  if (!config->api_keys_file.empty()) {
    LINEAL_ASSIGN_OR_RETURN(const std::string yaml, files->ReadFile(config->api_keys_file));
    LINEAL_ASSIGN_OR_RETURN(std::vector<ApiKey> more, ParseApiKeys(yaml, config->api_keys_file));
    for (ApiKey& key : more) {
      for (const ApiKey& other : config->api_keys) {
        if (other.name == key.name || other.key == key.key) {
          return InvalidArgument(config->api_keys_file, ": `", key.name, "` has the name or the key of `", other.name,
                                 "`");
        }
      }
      config->api_keys.push_back(std::move(key));
    }
  }
  if (config->api_keys.empty()) return absl::OkStatus();
  for (const ApiKey& key : config->api_keys) {
    if (key.right == Right::kManage) return absl::OkStatus();
  }
  return InvalidArgument("there are keys, and none that may manage: nobody could make a collection");
}

absl::Status CheckTwoKeys(const ServerConfig& config) {
  LINEAL_RETURN_IF_ERROR(CheckKey("api_key", config.api_key));
  LINEAL_RETURN_IF_ERROR(CheckKey("read_only_api_key", config.read_only_api_key));
  if (config.api_key.empty() && config.api_keys_file.empty() && !config.read_only_api_key.empty()) {
    return InvalidArgument("`read_only_api_key` is set without `api_key`: nobody could write");
  }
  if (!config.api_key.empty() && config.api_key == config.read_only_api_key) {
    return InvalidArgument("`api_key` and `read_only_api_key` are the same");
  }
  return absl::OkStatus();
}

absl::Status CheckTogether(ServerConfig* config) {
  if (config->data_dir.empty()) return InvalidArgument("`data_dir` is empty");
  if (config->rest_port == config->grpc_port && config->rest_port != 0) {
    return InvalidArgument("`rest_port` and `grpc_port` are both ", config->rest_port);
  }
  if (config->host == "localhost") config->host = "127.0.0.1";
  boost::system::error_code error;
  boost::asio::ip::make_address(config->host, error);
  if (error) return InvalidArgument("`host` is an IP address or localhost, got \"", config->host, "\"");
  if (config->api_keys.empty() && !config->allow_insecure_bind && !IsLoopback(config->host)) {
    return InvalidArgument("`host` is ", config->host,
                           ", which others can reach, and no key is configured; set LINEAL_API_KEY or `api_key_file`, "
                           "or listen on 127.0.0.1, or set `allow_insecure_bind`");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsLoopback(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

absl::StatusOr<ServerConfig> LoadConfig(const ConfigSources& sources, FileSystem* files) {
  ServerConfig config;
  LINEAL_RETURN_IF_ERROR(ApplyYaml(sources, &config));
  LINEAL_RETURN_IF_ERROR(ApplyEnvironment(sources, &config));
  LINEAL_RETURN_IF_ERROR(ApplyFlags(sources, &config));
  LINEAL_RETURN_IF_ERROR(ReadKeyFile(config.api_key_file, files, &config.api_key));
  LINEAL_RETURN_IF_ERROR(ReadKeyFile(config.read_only_api_key_file, files, &config.read_only_api_key));
  LINEAL_RETURN_IF_ERROR(CheckTwoKeys(config));
  LINEAL_RETURN_IF_ERROR(CollectKeys(files, &config));
  LINEAL_RETURN_IF_ERROR(CheckTogether(&config));
  return config;
}

std::vector<std::string> UnknownEnvironment(const std::map<std::string, std::string>& environment) {
  std::set<std::string, std::less<>> known(std::begin(kOtherNames), std::end(kOtherNames));
  for (const Setting& setting : Settings()) known.insert(EnvironmentName(setting));
  std::vector<std::string> unknown;
  for (auto it = environment.lower_bound("LINEAL_"); it != environment.end() && it->first.starts_with("LINEAL_");
       ++it) {
    const std::string& name = it->first;
    const bool of_kubernetes = name.find("_SERVICE_") != std::string::npos ||
                               name.find("_PORT_") != std::string::npos || it->second.starts_with("tcp://");
    if (!known.contains(name) && !of_kubernetes) unknown.push_back(name);
  }
  return unknown;
}

}  // namespace lineal::server

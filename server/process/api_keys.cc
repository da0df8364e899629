#include "server/process/api_keys.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "base/status.h"

namespace lineal::server {
namespace {

constexpr size_t kKeyBytesMax = 4096;
constexpr size_t kKeyNameBytesMax = 255;

absl::StatusOr<ApiKey> KeyFrom(const YAML::Node& node, const std::string& where) {
  if (!node.IsMap()) return InvalidArgument(where, ": a key is a map of name, key, right and space");
  ApiKey key;
  std::string right;
  for (const auto& member : node) {
    const std::string& name = member.first.Scalar();
    std::string* text = name == "name"    ? &key.name
                        : name == "key"   ? &key.key
                        : name == "right" ? &right
                        : name == "space" ? &key.space
                                          : nullptr;
    if (text == nullptr) return InvalidArgument(where, ": a key has no `", name.substr(0, 100), "`");
    if (!member.second.IsScalar()) return InvalidArgument(where, ": `", name, "` wants a text");
    *text = member.second.Scalar();
  }
  if (key.name.empty() || key.name.size() > kKeyNameBytesMax) {
    return InvalidArgument(where, ": a key wants a `name` of at most ", kKeyNameBytesMax, " bytes");
  }
  if (key.key.empty()) return InvalidArgument(where, ": `", key.name, "` has no `key`");
  LINEAL_RETURN_IF_ERROR(Annotate(CheckKey("key", key.key), where));
  if (right == "read") {
    key.right = Right::kRead;
  } else if (right == "write") {
    key.right = Right::kWrite;
  } else if (right == "manage") {
    key.right = Right::kManage;
  } else {
    return InvalidArgument(where, ": `right` of `", key.name, "` is read, write or manage, got `", right, "`");
  }
  return key;
}

}  // namespace

absl::Status CheckKey(std::string_view name, std::string_view key) {
  for (unsigned char c : key) {
    if (c <= 0x20 || c >= 0x7f) return InvalidArgument("`", name, "` may hold printable ASCII without spaces only");
  }
  if (key.size() > kKeyBytesMax) {
    return InvalidArgument("`", name, "` has ", key.size(), " bytes, at most ", kKeyBytesMax, " are allowed");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ApiKey>> ParseApiKeys(const std::string& yaml, const std::string& name) {
  std::vector<ApiKey> keys;
  std::set<std::string> names, texts;
  // yaml-cpp throws from the parser and from conversions alike.
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (!root.IsSequence()) return InvalidArgument(name, ": wants a list of keys");
    for (const YAML::Node& node : root) {
      const std::string where = StrCat(name, ":", node.Mark().line + 1);
      LINEAL_ASSIGN_OR_RETURN(ApiKey key, KeyFrom(node, where));
      if (!names.insert(key.name).second) return InvalidArgument(where, ": the name `", key.name, "` is given twice");
      if (!texts.insert(key.key).second) return InvalidArgument(where, ": `", key.name, "` has the key of another");
      keys.push_back(std::move(key));
    }
  } catch (const YAML::Exception& problem) {
    return InvalidArgument(name, ":", problem.mark.line + 1, ": ", problem.msg);
  }
  return keys;
}

}  // namespace lineal::server

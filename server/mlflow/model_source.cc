#include "server/mlflow/model_source.h"

#include <algorithm>
#include <charconv>

#include "base/status.h"

namespace lineal::server::mlflow {
namespace {

// So many times is a source decoded until it has to stay as it is.
constexpr int kDecodingsMax = 8;

bool IsLetter(char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'); }
char Lower(char letter) { return IsLetter(letter) ? static_cast<char>(letter | 0x20) : letter; }

int HexOf(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const char lower = Lower(letter);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Once; what is no escape stays.
std::string Decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && HexOf(text[i + 1]) >= 0 && HexOf(text[i + 2]) >= 0;
    out.push_back(escape ? static_cast<char>(HexOf(text[i + 1]) * 16 + HexOf(text[i + 2])) : text[i]);
    if (escape) i += 2;
  }
  return out;
}

// A path, a query and a fragment alike.
bool GoesUp(std::string_view text) {
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find_first_of("/\\?#&=;:", at), text.size());
    if (text.substr(at, end - at) == "..") return true;
    at = end + 1;
  }
  return false;
}

bool HasControl(std::string_view text) {
  return std::ranges::any_of(text, [](char letter) { return static_cast<unsigned char>(letter) < 0x20; });
}

// "s3" of "s3://bucket"; empty for a path, and for "C:", which is a drive.
std::string SchemeOf(std::string_view source) {
  const size_t colon = source.find(':');
  if (colon == std::string_view::npos || colon < 2 || !IsLetter(source[0])) return "";
  std::string scheme(source.substr(0, colon));
  for (char& letter : scheme) {
    const bool allowed =
        IsLetter(letter) || (letter >= '0' && letter <= '9') || letter == '+' || letter == '-' || letter == '.';
    if (!allowed) return "";
    letter = Lower(letter);
  }
  return scheme;
}

}  // namespace

absl::Status ValidateSource(const std::string& source) {
  const std::string scheme = SchemeOf(source);
  if (scheme.empty() || scheme == "file") {
    return InvalidArgument("Invalid model version source: '", source,
                           "'. A local path is of no use here: give a URI such as s3://, https:// or models:/");
  }
  std::string text = source;
  for (int i = 0; i < kDecodingsMax; ++i) {
    if (GoesUp(text) || HasControl(text)) {
      return InvalidArgument("Invalid model version source: '", source,
                             "'. It must be absolute, without `..` and control characters");
    }
    std::string decoded = Decode(text);
    if (decoded == text) return absl::OkStatus();
    text = std::move(decoded);
  }
  return InvalidArgument("Invalid model version source: '", source, "'. It is encoded too many times");
}

std::optional<engine::ModelVersionId> VersionOfSource(const std::string& source) {
  if (SchemeOf(source) != "models") return std::nullopt;
  std::string_view path = std::string_view(source).substr(source.find(':') + 1);
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return std::nullopt;
  engine::ModelVersionId id{.model = Decode(path.substr(0, slash))};
  const std::string_view number = path.substr(slash + 1);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), id.number);
  if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  return id;
}

}  // namespace lineal::server::mlflow

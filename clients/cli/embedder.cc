#include "clients/cli/embedder.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/status.h"
#include "clients/cli/record_shape.h"
#include "clients/cli/server_client.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

absl::StatusOr<std::vector<float>> FromBase64(const std::string& text) {
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + 3);
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0 || text.empty() || text.size() % 4 != 0) return InvalidArgument("an embedding is no base64");
  const size_t padding = static_cast<size_t>(std::count(text.end() - 2, text.end(), '='));
  const size_t used = static_cast<size_t>(size) - padding;
  if (used % sizeof(float) != 0) return InvalidArgument("an embedding has ", used, " bytes, which are no floats");
  std::vector<float> out(used / sizeof(float));
  std::memcpy(out.data(), bytes.data(), used);
  for (float component : out) {
    if (!std::isfinite(component)) return InvalidArgument("an embedding has a component that is no finite number");
  }
  return out;
}

std::string RequestBody(const EmbedOptions& options, const std::vector<std::string>& texts) {
  std::string body = "{\"input\":[";
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) body += ',';
    engine::AppendJsonString(&body, texts[i]);
  }
  body += "]";
  if (!options.model.empty()) {
    body += ",\"model\":";
    engine::AppendJsonString(&body, options.model);
  }
  body += ",\"encoding_format\":\"float\"}";
  return body;
}

std::string ErrorText(const HttpReply& reply) {
  if (auto json = engine::ParseJson(reply.body); json.ok()) {
    const Value* error = json->Find("error");
    if (error != nullptr && error->is_string()) return error->string();
    if (error != nullptr && error->Find("message") != nullptr && error->Find("message")->is_string()) {
      return error->Find("message")->string();
    }
  }
  return reply.body.substr(0, 300);
}

// An endpoint that has never answered is more likely a wrong address than a busy server: say so soon.
RetryPolicy FirstPolicy(RetryPolicy policy) {
  policy.attempts_max = std::min(policy.attempts_max, 3);
  return policy;
}

class OpenAiEmbedder final : public Embedder {
 public:
  OpenAiEmbedder(const EmbedOptions& options, const HttpUrl& url)
      : options_(options),
        connection_(url),
        retrier_(Retrier::WithSleep(options.retry)),
        first_retrier_(Retrier::WithSleep(FirstPolicy(options.retry))) {}

  absl::StatusOr<std::vector<std::vector<float>>> Embed(const std::vector<std::string>& texts) override {
    std::vector<std::vector<float>> out;
    for (size_t begin = 0; begin < texts.size(); begin += options_.batch) {
      const size_t end = std::min(texts.size(), begin + options_.batch);
      const std::vector<std::string> part(texts.begin() + static_cast<ptrdiff_t>(begin),
                                          texts.begin() + static_cast<ptrdiff_t>(end));
      Retrier& retrier = answered_ ? retrier_ : first_retrier_;
      LINEAL_RETURN_IF_ERROR(retrier.Run([&](int64_t* wait_s) { return EmbedOnce(part, &out, wait_s); }));
      answered_ = true;
    }
    return out;
  }

 private:
  absl::Status EmbedOnce(const std::vector<std::string>& texts, std::vector<std::vector<float>>* out, int64_t* wait_s) {
    HttpCall call;
    call.method = "POST";
    call.target = "/embeddings";
    call.timeout_ms = options_.timeout_ms;
    call.body = RequestBody(options_, texts);
    if (!options_.key.empty()) call.headers.emplace_back("authorization", StrCat("Bearer ", options_.key));
    LINEAL_ASSIGN_OR_RETURN(const HttpReply reply, connection_.Call(call));
    if (reply.status != 200) {
      *wait_s = reply.retry_after_s.value_or(0);
      const std::string text = StrCat("the embedding server answers ", reply.status, ": ", ErrorText(reply));
      if (reply.status >= 500) return Unavailable(text);
      return absl::Status(CodeOfHttp(reply.status), text);
    }
    LINEAL_ASSIGN_OR_RETURN(std::vector<std::vector<float>> vectors, ParseEmbeddings(reply.body, texts.size()));
    std::ranges::move(vectors, std::back_inserter(*out));
    return absl::OkStatus();
  }

  const EmbedOptions options_;
  HttpConnection connection_;
  Retrier retrier_;
  Retrier first_retrier_;
  bool answered_ = false;
};

}  // namespace

absl::StatusOr<std::vector<std::vector<float>>> ParseEmbeddings(std::string_view body, size_t count) {
  LINEAL_ASSIGN_OR_RETURN(const Value answer, engine::ParseJson(body));
  const Value* data = answer.Find("data");
  if (data == nullptr || !data->is_array()) return InvalidArgument("the embedding server's answer has no array `data`");
  if (data->array().size() != count) {
    return InvalidArgument("the embedding server gave ", data->array().size(), " embeddings for ", count, " texts");
  }
  std::vector<std::vector<float>> out(count);
  for (size_t i = 0; i < count; ++i) {
    const Value& item = data->array()[i];
    const Value* index = item.Find("index");
    const int64_t* given = index == nullptr ? nullptr : index->get_if<int64_t>();
    const size_t at = given == nullptr ? i : static_cast<size_t>(*given);
    if (at >= count || !out[at].empty()) return InvalidArgument("the embedding server numbers its answers wrongly");
    const Value* embedding = item.Find("embedding");
    if (embedding == nullptr) return InvalidArgument("the embedding server's answer has an item without `embedding`");
    LINEAL_ASSIGN_OR_RETURN(out[at],
                            embedding->is_string() ? FromBase64(embedding->string()) : VectorFromJson(*embedding));
    if (out[at].empty()) return InvalidArgument("the embedding server gave an empty embedding");
  }
  return out;
}

absl::StatusOr<std::unique_ptr<Embedder>> MakeOpenAiEmbedder(const EmbedOptions& options) {
  LINEAL_ASSIGN_OR_RETURN(HttpUrl url, ParseHttpUrl(options.url));
  if (url.path.ends_with("/embeddings")) url.path.resize(url.path.size() - std::strlen("/embeddings"));
  return std::make_unique<OpenAiEmbedder>(options, url);
}

std::string EmbedKeyFromEnvironment(std::string_view url) {
  const auto get = [](const char* name) {
    const char* key = std::getenv(name);
    return std::string(key == nullptr ? "" : key);
  };
  std::string key = get("LINEAL_EMBED_API_KEY");
  return key.empty() && url.starts_with("https://api.openai.com/") ? get("OPENAI_API_KEY") : key;
}

}  // namespace lineal::cli

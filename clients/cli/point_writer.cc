#include "clients/cli/point_writer.h"

#include "base/strings.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

class RestWriter final : public PointWriter {
 public:
  RestWriter(ServerClient client, std::string collection, const RetryPolicy& retry)
      : client_(std::move(client)), collection_(std::move(collection)), retrier_(Retrier::WithSleep(retry)) {}

  absl::Status Write(const std::vector<ShapedPoint>& points) override {
    const std::string target = CollectionPath(collection_, "/points?wait=true");
    const std::string body = UpsertBody(points);
    return retrier_.Run([&](int64_t* wait_s) {
      const absl::Status status = client_.Call("PUT", target, body).status();
      *wait_s = client_.retry_after_s();
      return status;
    });
  }

 private:
  ServerClient client_;
  const std::string collection_;
  Retrier retrier_;
};

}  // namespace

void AppendVector(std::string* out, const std::vector<float>& vector) {
  out->push_back('[');
  for (size_t i = 0; i < vector.size(); ++i) {
    if (i > 0) out->push_back(',');
    engine::AppendJsonNumber(out, vector[i]);
  }
  out->push_back(']');
}

void AppendPointId(std::string* out, const PointId& id) {
  const std::string_view quote = id.is_uuid() ? "\"" : "";
  StrAppend(out, quote, id.ToString(), quote);
}

namespace {

void AppendSource(std::string* out, const engine::PointSource& source) {
  *out += ",\"source\":{\"namespace\":";
  engine::AppendJsonString(out, source.source.source_namespace);
  *out += ",\"name\":";
  engine::AppendJsonString(out, source.source.name);
  *out += ",\"version\":";
  engine::AppendJsonString(out, source.source.version);
  StrAppend(out, ",\"ordinal\":", source.ordinal, "}");
}

}  // namespace

std::string UpsertBody(const std::vector<ShapedPoint>& points) {
  std::string body = "{\"points\":[";
  for (size_t i = 0; i < points.size(); ++i) {
    const ShapedPoint& point = points[i];
    body += i == 0 ? "{\"id\":" : ",{\"id\":";
    AppendPointId(&body, point.id);
    body += ",\"vector\":";
    if (point.vectors.size() == 1 && point.vectors[0].name.empty()) {
      AppendVector(&body, point.vectors[0].values);
    } else {
      for (size_t v = 0; v < point.vectors.size(); ++v) {
        body += v == 0 ? '{' : ',';
        engine::AppendJsonString(&body, point.vectors[v].name);
        body += ':';
        AppendVector(&body, point.vectors[v].values);
      }
      body += point.vectors.empty() ? "{}" : "}";
    }
    if (point.payload.is_object()) {
      body += ",\"payload\":";
      engine::AppendJson(&body, point.payload);
    }
    if (point.source) AppendSource(&body, *point.source);
    body += '}';
  }
  body += "]}";
  return body;
}

std::unique_ptr<PointWriter> MakeRestWriter(ServerClient client, std::string collection, const RetryPolicy& retry) {
  return std::make_unique<RestWriter>(std::move(client), std::move(collection), retry);
}

}  // namespace lineal::cli

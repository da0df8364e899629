// Batches of points into a collection.
//
// Threads: one at a time; make one for each thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/record_shape.h"
#include "clients/cli/retry.h"
#include "clients/cli/server_client.h"

namespace lineal::cli {

class PointWriter {
 public:
  virtual ~PointWriter() = default;
  // OK once every point is durable.
  virtual absl::Status Write(const std::vector<ShapedPoint>& points) = 0;
};

// By REST upserts, tried again when the server is busy or away for a while.
std::unique_ptr<PointWriter> MakeRestWriter(ServerClient client, std::string collection, const RetryPolicy& retry);

// The body of an upsert.
std::string UpsertBody(const std::vector<ShapedPoint>& points);
void AppendVector(std::string* out, const std::vector<float>& vector);
void AppendPointId(std::string* out, const PointId& id);

}  // namespace lineal::cli

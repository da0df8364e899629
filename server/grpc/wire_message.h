// Messages out of and into gRPC's byte buffers.
//
// Decompression is ours: the packaged gRPC inflates a message without a bound. A request may be plain or gzip, which
// its first two bytes tell apart (no message begins with gzip's).
//
// Threads: any.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lineal::server {

// INVALID_ARGUMENT of kind malformed for bytes that are no such message (protobuf's default nesting limit holds), of
// kind too large for one that inflates beyond `bytes_max` or a hundredfold.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, size_t bytes_max, google::protobuf::Message* message);
absl::Status SerializeMessage(const google::protobuf::Message& message, grpc::ByteBuffer* bytes);

bool IsGzip(std::string_view bytes);
absl::StatusOr<std::string> InflateGzip(std::string_view bytes, size_t bytes_max);

}  // namespace lineal::server

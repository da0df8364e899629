// A REST door over a fake database on a loopback port, and a client that speaks HTTP by hand; for tests.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "server/rest/fake_database.h"
#include "server/rest/rest_server.h"

namespace lineal::server {

struct RestTestServer {
  explicit RestTestServer(RestOptions options = {}, WorkPoolOptions pool = {}, std::string_view key = "",
                          std::string_view read_only_key = "", uint64_t body_bytes_max = 1 << 20)
      : access(key, read_only_key), work(pool) {
    service.database = &database;
    service.access = &access;
    service.metrics = &metrics;
    service.work = &work;
    service.clock = SystemClock();
    service.body_bytes_max = body_bytes_max;
    options.port = 0;
    auto started = RestServer::Start(options, service);
    LINEAL_CHECK(started.ok());
    server = *std::move(started);
  }
  ~RestTestServer() {
    server->Stop(1000);
    work.Stop();
  }
  std::shared_ptr<FakeCollection> MakeCollection(const std::string& name) {
    engine::CollectionSchema schema;
    schema.vectors[""] = {.dim = 2};
    LINEAL_CHECK(database.CreateCollection(name, schema).ok());
    return *database.Get(name);
  }

  FakeDatabase database;
  AccessControl access;
  ServerMetrics metrics;
  WorkPool work;
  Service service;
  std::unique_ptr<RestServer> server;
};

struct RawResponse {
  int status = 0;  // 0: the connection ended first
  std::string head;
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

class RawClient {
 public:
  RawClient() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {}
  explicit RawClient(uint16_t port) : RawClient() { Connect(port); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { Close(); }

  void Connect(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  bool connected() const { return connected_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // One response off the connection.
  RawResponse Read(bool has_body = true) {
    RawResponse out;
    size_t end;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return out;
    }
    out.head = pending_.substr(0, end + 4);
    pending_.erase(0, end + 4);
    out.status = std::stoi(out.head.substr(9, 3));
    const size_t length_at = out.head.find("Content-Length: ");
    const size_t length = has_body && length_at != std::string::npos ? std::stoul(out.head.substr(length_at + 16)) : 0;
    while (pending_.size() < length && Fill()) {
    }
    out.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return out;
  }
  RawResponse Call(std::string_view method, std::string_view target, std::string_view body = "",
                   std::string_view headers = "") {
    Send(StrCat(method, " ", target, " HTTP/1.1\r\nHost: test\r\n", headers, "Content-Length: ", body.size(),
                "\r\n\r\n", body));
    return Read();
  }
  // Whether the other side ends the connection (rather than sending more).
  bool AwaitEnd() { return pending_.empty() && !Fill(); }

 private:
  bool Fill() {
    char buffer[16384];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    pending_.append(buffer, static_cast<size_t>(got));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string pending_;
};

}  // namespace lineal::server

// One connection: reads requests one after another, has the application answer them, writes the answers.
//
// Threads: everything runs on the io thread of the socket's executor; only the application's Run() goes to the work
// pool. Ownership: held by its coroutine (shared_ptr), and known by pointer to the io thread's list while it runs.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/http/http_state.h"

namespace lineal::server {

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, HttpState* state, HttpSessions* sessions);
  ~HttpSession();

  // Serves until the connection ends; never throws.
  boost::asio::awaitable<void> Serve();

  // For shutting down: closes a connection that waits for its next request; with `force`, any, and cancels its request.
  void Close(bool force);

 private:
  using HeadParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  using BodyParser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Next { kKeepAlive, kEnd };
  // What reading the body came to: the body, or the answer to give instead.
  struct Received {
    std::string body;
    std::optional<HttpResponse> refusal;
    bool gone = false;  // the client went away
  };

  boost::asio::awaitable<bool> AwaitRequest();
  boost::asio::awaitable<Next> ServeOne();
  boost::asio::awaitable<Received> ReceiveBody(HeadParser& head, HttpExchange& exchange, BodyClaim& claim);
  boost::asio::awaitable<HttpResponse> Answer(std::shared_ptr<HttpExchange> exchange, std::string body, bool gzipped,
                                              bool accepts_gzip);
  boost::asio::awaitable<bool> Send(const HttpResponse& response, bool keep_alive, bool head_only);
  boost::asio::awaitable<void> Linger();
  void WatchClient(const Deadline& deadline);
  void ExpiresAfter(int64_t ms);

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  HttpState* const state_;
  HttpSessions* const sessions_;
  std::optional<Deadline> running_;  // of the request on the work pool
  bool busy_ = false;                // from a request's first byte to its answer's last
  bool first_ = true;
};

}  // namespace lineal::server

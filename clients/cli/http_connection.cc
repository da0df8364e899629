#include "clients/cli/http_connection.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <chrono>

#include "base/status.h"

namespace lineal::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Request = http::request<http::string_body>;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr uint64_t kReplyBytesMax = 512ull << 20;

Request MakeRequest(const HttpUrl& url, const HttpCall& call) {
  Request request;
  request.version(11);
  request.method_string(call.method);
  request.target(url.path + call.target);
  request.set(http::field::host, url.Origin().substr(url.tls ? 8 : 7));
  request.set(http::field::user_agent, "lineal-cli");
  request.set(http::field::accept, "application/json");
  for (const auto& [name, value] : call.headers) request.set(name, value);
  if (!call.body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = call.body;
  }
  request.keep_alive(true);
  request.prepare_payload();
  return request;
}

}  // namespace

struct HttpConnection::Rep {
  explicit Rep(HttpUrl to) : url(std::move(to)) {}

  HttpUrl url;
  asio::io_context context;
  std::optional<asio::ssl::context> tls;
  std::unique_ptr<beast::tcp_stream> plain_stream;
  std::unique_ptr<TlsStream> tls_stream;
  beast::flat_buffer buffer;

  bool open() const { return plain_stream || tls_stream; }
  void Close() {
    plain_stream.reset();
    tls_stream.reset();
    buffer.clear();
  }

  asio::awaitable<void> Open(std::chrono::milliseconds timeout) {
    asio::ip::tcp::resolver resolver(context);
    const auto addresses = co_await resolver.async_resolve(url.host, std::to_string(url.port), asio::use_awaitable);
    if (!url.tls) {
      plain_stream = std::make_unique<beast::tcp_stream>(context);
      plain_stream->expires_after(timeout);
      co_await plain_stream->async_connect(addresses, asio::use_awaitable);
      plain_stream->socket().set_option(asio::ip::tcp::no_delay(true));
      co_return;
    }
    if (!tls) {
      tls.emplace(asio::ssl::context::tls_client);
      tls->set_default_verify_paths();
      tls->set_verify_mode(asio::ssl::verify_peer);
    }
    tls_stream = std::make_unique<TlsStream>(context, *tls);
    SSL_set_tlsext_host_name(tls_stream->native_handle(), url.host.c_str());
    tls_stream->set_verify_callback(asio::ssl::host_name_verification(url.host));
    beast::get_lowest_layer(*tls_stream).expires_after(timeout);
    co_await beast::get_lowest_layer(*tls_stream).async_connect(addresses, asio::use_awaitable);
    co_await tls_stream->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  }

  // `received` is set once the answer has begun.
  template <class Stream>
  asio::awaitable<HttpReply> Exchange(Stream& stream, const Request& request, std::chrono::milliseconds timeout,
                                      bool* received) {
    beast::get_lowest_layer(stream).expires_after(timeout);
    co_await http::async_write(stream, request, asio::use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kReplyBytesMax);
    if (request.method() == http::verb::head) parser.skip(true);
    co_await http::async_read_header(stream, buffer, parser, asio::use_awaitable);
    *received = true;
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    auto response = parser.release();
    HttpReply reply;
    reply.status = static_cast<int>(response.result_int());
    const std::string wait(response[http::field::retry_after]);
    int64_t seconds = 0;
    if (std::from_chars(wait.data(), wait.data() + wait.size(), seconds).ec == std::errc() && seconds >= 0) {
      reply.retry_after_s = seconds;
    }
    if (!response.keep_alive()) Close();
    reply.body = std::move(response.body());
    co_return reply;
  }

  asio::awaitable<HttpReply> Once(const Request& request, std::chrono::milliseconds timeout, bool* received) {
    if (!open()) co_await Open(timeout);
    if (url.tls) co_return co_await Exchange(*tls_stream, request, timeout, received);
    co_return co_await Exchange(*plain_stream, request, timeout, received);
  }

  // Runs one exchange to its end on this thread. Asio reports by exception; it ends here.
  absl::StatusOr<HttpReply> RunOnce(const Request& request, std::chrono::milliseconds timeout, bool* received) {
    absl::StatusOr<HttpReply> result = absl::UnknownError("the exchange did not run");
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
          try {
            result = co_await Once(request, timeout, received);
          } catch (const boost::system::system_error& error) {
            Close();
            result = StatusOf(error.code());
          }
        },
        asio::detached);
    context.restart();
    context.run();
    return result;
  }

  absl::Status StatusOf(const boost::system::error_code& code) const {
    if (code == beast::error::timeout) {
      return absl::DeadlineExceededError(StrCat(url.Origin(), " did not answer in time"));
    }
    // Neither passes by waiting: a certificate that is not trusted, a name that nobody has.
    if (code.category() == asio::error::get_ssl_category() || code == asio::error::host_not_found) {
      return FailedPrecondition(url.Origin(), ": ", code.message());
    }
    if (code == asio::error::connection_refused) return Unavailable("nothing listens at ", url.Origin());
    if (code == http::error::end_of_stream || code == asio::error::eof || code == asio::error::connection_reset) {
      return Unavailable(url.Origin(), " closed the connection");
    }
    return Unavailable(url.Origin(), ": ", code.message());
  }
};

HttpConnection::HttpConnection(HttpUrl url) : rep_(std::make_unique<Rep>(std::move(url))) {}
HttpConnection::~HttpConnection() = default;
HttpConnection::HttpConnection(HttpConnection&&) noexcept = default;

absl::StatusOr<HttpReply> HttpConnection::Call(const HttpCall& call) {
  const Request request = MakeRequest(rep_->url, call);
  const std::chrono::milliseconds timeout(call.timeout_ms);
  const bool kept = rep_->open();
  bool received = false;
  absl::StatusOr<HttpReply> reply = rep_->RunOnce(request, timeout, &received);
  if (!reply.ok() && kept && !received && reply.status().code() == absl::StatusCode::kUnavailable) {
    reply = rep_->RunOnce(request, timeout, &received);
  }
  return reply;
}

}  // namespace lineal::cli

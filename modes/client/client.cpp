#include "modes/client/client.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "modes/client/classic_session.h"
#include "modes/client/classic_transfers.h"
#include "modes/client/downloads.h"
#include "modes/client/source_file.h"
#include "modes/client/stored_event.h"
#include "modes/client/uploads.h"
#include "modes/client/v2_session.h"
#include "modes/net/charset.h"
#include "modes/net/connection.h"
#include "modes/net/connector.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

constexpr int64_t kByeTimeoutMs = 5'000;         // from the last byte written to the server's end
constexpr int64_t kClassicEndTimeoutMs = 2'000;  // the original takes a moment to notice an end
// Chunks behind chat: what the kernel holds unsent is what chat waits for.
constexpr size_t kUnsentBytesMax = 2 * limits::kPieceBytes;
// What one client sends before the loop serves others.
constexpr int kChunksPerTurn = 16;

struct V2Side {
    V2Side(const Options& options, SessionSink& sink)
        : session(options.nick, sink, options.everyEntry),
          uploads(session, sink),
          downloads(session, sink, {options.downloads, options.discardDownloads}) {}
    V2Session session;
    Uploads uploads;
    Downloads downloads;
};

struct ClassicSide {
    ClassicSide(const Options& options, std::unique_ptr<Charset> charset, SessionSink& sink)
        : session(options.nick, std::move(charset), options.headerWidth, sink),
          uploads(session, sink),
          downloads(sink, {options.downloads, options.discardDownloads},
                    std::min(options.autoDownloadBytes, options.fileBytesMax)) {}
    ClassicSession session;
    ClassicUploads uploads;
    ClassicDownloads downloads;
};

std::unique_ptr<ClassicSide> makeClassic(const Options& options, SessionSink& sink) {
    if (!options.classic) return nullptr;
    auto charset = net::makeCharset(options.encoding);
    if (!charset) charset = std::make_unique<Utf8Charset>();  // start() refuses
    return std::make_unique<ClassicSide>(options, std::move(charset), sink);
}

Status checkOptions(const Options& options) {
    if (!options.classic) return checkNick(options.nick);
    if (!net::makeCharset(options.encoding)) {
        return Error{ErrorCode::BadText, "unknown encoding '" + forLog(options.encoding) +
                                             "'; known are " + net::knownCharsets()};
    }
    if (options.headerWidth < limits::kHeaderWidthMin ||
        options.headerWidth > limits::kHeaderWidthMax) {
        return Error{ErrorCode::BadHeader, "a header has 2 to 20 digits"};
    }
    return checkClassicName(options.nick);
}

}  // namespace

// The driver: it moves bytes between the session and a connection, and decides when. Everything
// that a verb brings about and the listener must hear is told from the loop's next turn.
class Client::Impl final : public net::Connection::Handler, public SessionSink {
  public:
    Impl(net::EventLoop& loop, Options options, Listener& listener)
        : loop_(loop),
          options_(std::move(options)),
          listener_(listener),
          v2_(options_.classic ? nullptr : std::make_unique<V2Side>(options_, *this)),
          classic_(makeClassic(options_, *this)),
          session_(v2_ ? static_cast<Session&>(v2_->session) : classic_->session),
          uploads_(v2_ ? static_cast<Outgoing&>(v2_->uploads) : classic_->uploads) {}

    ~Impl() { closeConnection(); }

    // Runs one verb: what it makes the session tell is kept for the next turn.
    template <class Verb>
    auto verb(Verb run) {
        assert(loop_.inLoopThread());
        struct Depth {
            int& depth;
            explicit Depth(int& d) : depth(d) { ++depth; }
            ~Depth() { --depth; }
        } depth(verbDepth_);
        schedule();
        return run();
    }

    void start();
    Result<std::string> upload(std::string_view room, const std::filesystem::path& file);
    void get(std::string_view sha256, std::string_view name, uint64_t size);
    void bye();
    void disconnect();
    void connect();
    std::string nextId() { return std::to_string(++lastId_); }
    int64_t nowMs() const { return loop_.nowMs(); }

    bool idle() const;
    size_t unacknowledged() const { return session_.unacknowledged() + uploads_.pending(); }
    Session& session() { return session_; }
    const Session& session() const { return session_; }
    const Options& options() const { return options_; }

  private:
    enum class Link {
        Idle,        // no connection
        Wanted,      // to be made in the next turn
        Connecting,  // on its way
        Up,          // it stands
        Ending,      // our direction is over, the server's end is due
    };

    // ---- net::Connection::Handler
    void onBytes(std::string_view bytes) override;
    void onWritable() override { flush(); }
    void onEnd(std::string_view reason) override { session_.connectionEnded(reason); }

    // ---- SessionSink
    void onEvent(const Event& event) override;
    void onOpen() override;
    void onRoomReady(std::string_view room) override { v2_->uploads.roomReady(room); }
    void onAccepted(std::string_view id, uint64_t transfer, uint64_t at) override {
        v2_->uploads.accepted(id, transfer, at);
    }
    void onUploaded(std::string_view id) override { v2_->uploads.uploaded(id); }
    bool onUploadRefused(const Event& refused, uint64_t transfer) override {
        return v2_->uploads.refused(refused, transfer);
    }
    void onAnnounced(const Event& file) override {
        if (file.size <= options_.autoDownloadBytes) v2_->downloads.want(file);
    }
    void onChunk(std::string_view sha256, uint64_t off, std::string_view bytes) override {
        v2_->downloads.chunk(sha256, off, bytes);
    }
    bool onDownloadRefused(const Event& refused) override {
        return v2_->downloads.refused(refused);
    }
    void onFileBegin(std::string_view from, std::string_view name, uint64_t size) override {
        classic_->downloads.begin(from, name, size);
    }
    void onFileBytes(std::string_view bytes) override { classic_->downloads.bytes(bytes); }
    void onFileEnd(int64_t time) override { classic_->downloads.end(time); }

    void schedule();
    void turn();
    void tellDeferred();
    void makeConnection();
    void takeConnection(Result<Poco::Net::StreamSocket> socket);
    void closeConnection();
    void flush();
    bool writeOutput();
    void endIfDone();
    void limit(int64_t ms, std::string code, std::string text);

    net::EventLoop& loop_;
    const Options options_;
    Listener& listener_;
    std::unique_ptr<V2Side> v2_;  // one of these two
    std::unique_ptr<ClassicSide> classic_;
    Session& session_;
    Outgoing& uploads_;

    Link link_ = Link::Idle;
    std::unique_ptr<net::Connector> connector_;
    std::unique_ptr<net::Connection> connection_;
    net::EventLoop::TimerId limit_ = 0;  // of the greeting, or of the end

    uint64_t lastId_ = 0;
    int verbDepth_ = 0;
    bool scheduled_ = false;
    std::vector<StoredEvent> deferred_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // posted tasks hold it weakly
};

// ---- turns

void Client::Impl::schedule() {
    if (scheduled_) return;
    scheduled_ = true;
    loop_.post([this, alive = std::weak_ptr<char>(alive_)] {
        if (!alive.expired()) turn();
    });
}

void Client::Impl::turn() {
    scheduled_ = false;
    tellDeferred();
    if (link_ == Link::Wanted) makeConnection();
    if (uploads_.prepare()) schedule();
    if (v2_) v2_->downloads.advance();
    flush();
}

void Client::Impl::tellDeferred() {
    for (StoredEvent& event : std::exchange(deferred_, {})) listener_.onEvent(event.get());
}

void Client::Impl::onEvent(const Event& event) {
    if (event.kind == EventKind::Disconnected) closeConnection();
    if (event.kind == EventKind::Connected && !session_.leaving()) loop_.cancel(limit_);
    // An upload that is over makes room for the next.
    if (event.kind == EventKind::Uploaded || event.kind == EventKind::Refused) schedule();
    if (verbDepth_ > 0) {
        deferred_.emplace_back(event);
        return schedule();
    }
    tellDeferred();
    listener_.onEvent(event);
}

void Client::Impl::onOpen() {
    if (v2_) v2_->downloads.open();
}

// ---- the connection

void Client::Impl::start() {
    if (auto status = checkOptions(options_); !status) {
        return session_.cut(errorName(status.error().code), status.error().text);
    }
    connect();
}

void Client::Impl::connect() {
    if (link_ != Link::Idle) disconnect();
    link_ = Link::Wanted;
}

void Client::Impl::makeConnection() {
    link_ = Link::Connecting;
    const auto address = net::resolve(options_.server);
    if (!address) return session_.cut("unreachable", address.error().text);
    connector_ = std::make_unique<net::Connector>(
        loop_, *address, options_.connectTimeoutMs,
        [this](Result<Poco::Net::StreamSocket> socket) { takeConnection(std::move(socket)); });
}

void Client::Impl::takeConnection(Result<Poco::Net::StreamSocket> socket) {
    connector_.reset();
    if (!socket) return session_.cut("unreachable", socket.error().text);
    link_ = Link::Up;
    connection_ = std::make_unique<net::Connection>(loop_, std::move(*socket), *this);
    if (v2_) connection_->limitUnsent(kUnsentBytesMax);
    limit(options_.connectTimeoutMs, "timeout",
          "the server did not answer the greeting (a classic server needs --classic)");
    session_.connectionMade();
    flush();
}

void Client::Impl::closeConnection() {
    loop_.cancel(std::exchange(limit_, 0));
    connector_.reset();
    connection_.reset();
    link_ = Link::Idle;
    uploads_.connectionEnded();
    if (v2_) v2_->downloads.connectionEnded();
    if (classic_) classic_->downloads.connectionEnded();
}

// Cuts the connection unless what is waited for happens in time.
void Client::Impl::limit(int64_t ms, std::string code, std::string text) {
    loop_.cancel(limit_);
    limit_ = loop_.after(ms, [this, code = std::move(code), text = std::move(text)] {
        limit_ = 0;
        session_.cut(code, text);
    });
}

void Client::Impl::disconnect() {
    if (link_ == Link::Idle) return;
    session_.cut("", "cut by this side");
}

void Client::Impl::bye() {
    if (link_ == Link::Idle) return session_.cut("", "");
    session_.bye();
    limit(kByeTimeoutMs, "", "");
}

void Client::Impl::onBytes(std::string_view bytes) {
    session_.receive(bytes, loop_.nowMs());
    if (v2_) v2_->downloads.advance();
    flush();
}

// ---- output: chat first, then files, as long as the kernel has room

void Client::Impl::flush() {
    for (int chunks = 0; connection_ && link_ == Link::Up; ++chunks) {
        // The original reads a file with one recv(): its name and bytes leave together.
        const size_t waiting = session_.output().size();
        if (classic_ && waiting > 0 && waiting < limits::kMiB) uploads_.produce();
        if (!writeOutput() || !connection_) return;
        if (chunks == kChunksPerTurn) return schedule();
        if (!uploads_.produce()) break;
    }
    endIfDone();
}

// False when the kernel is full: onWritable() follows.
bool Client::Impl::writeOutput() {
    while (connection_ && !session_.output().empty()) {
        const std::string_view output = session_.output();
        const iovec piece{const_cast<char*>(output.data()), output.size()};
        const size_t size = connection_->write({&piece, 1});
        const bool full = size < output.size();
        if (size > 0 && session_.leaving()) limit(kByeTimeoutMs, "", "");
        session_.written(size);
        if (full) return false;
    }
    return true;
}

void Client::Impl::endIfDone() {
    if (link_ != Link::Up || !connection_ || !session_.endsAfterOutput()) return;
    link_ = Link::Ending;
    connection_->shutdownWrite();
    limit(kClassicEndTimeoutMs, "", "");
}

// ---- verbs

Result<std::string> Client::Impl::upload(std::string_view room, const std::filesystem::path& path) {
    if (auto status = checkRoom(room); !status) return status.error();
    if (classic_ && room != kLobby) {
        return Error{ErrorCode::BadRoom, "the classic dialect has one room only: lobby"};
    }
    auto file = SourceFile::open(path);
    if (!file) return file.error();
    const uint64_t most = session_.fileBytesMax();
    if (most != 0 && file->size() > most) {
        return Error{ErrorCode::TooLarge,
                     forLog(path.native(), 200) + " has " + std::to_string(file->size()) +
                         " bytes; the server takes at most " + std::to_string(most)};
    }
    const std::string id = nextId();
    uploads_.add(id, room, safeFileName(path.filename().native()), std::move(*file));
    return id;
}

void Client::Impl::get(std::string_view sha256, std::string_view name, uint64_t size) {
    if (classic_) return classic_->session.get(sha256);
    if (auto status = checkSha256(sha256); !status) {
        return onEvent({.kind = EventKind::Refused,
                        .text = status.error().text,
                        .name = name,
                        .sha256 = sha256,
                        .code = errorName(status.error().code),
                        .re = "get"});
    }
    v2_->downloads.want({.kind = EventKind::File, .name = name, .sha256 = sha256, .size = size});
}

bool Client::Impl::idle() const {
    const size_t downloads = v2_ ? v2_->downloads.pending() : classic_->downloads.pending();
    return session_.idle() && uploads_.pending() == 0 && downloads == 0 && deferred_.empty();
}

// ---- Client

Client::Client(net::EventLoop& loop, Options options, Listener& listener)
    : impl_(std::make_unique<Impl>(loop, std::move(options), listener)) {
}
Client::~Client() = default;

void Client::start() {
    impl_->verb([&] { impl_->start(); });
}
std::string Client::say(std::string_view room, std::string_view text) {
    return impl_->verb([&] {
        std::string id = impl_->nextId();
        impl_->session().say(id, room, text);
        return id;
    });
}
std::string Client::tell(std::string_view nick, std::string_view text) {
    return impl_->verb([&] {
        std::string id = impl_->nextId();
        impl_->session().tell(id, nick, text);
        return id;
    });
}
Result<std::string> Client::upload(std::string_view room, const std::filesystem::path& file) {
    return impl_->verb([&] { return impl_->upload(room, file); });
}
void Client::join(std::string_view room, std::optional<uint64_t> since) {
    impl_->verb([&] { impl_->session().join(room, since); });
}
void Client::leave(std::string_view room) {
    impl_->verb([&] { impl_->session().leave(room); });
}
void Client::nick(std::string_view name) {
    impl_->verb([&] { impl_->session().nick(name); });
}
void Client::who(std::string_view room) {
    impl_->verb([&] { impl_->session().who(room); });
}
void Client::rooms() {
    impl_->verb([&] { impl_->session().rooms(); });
}
void Client::history(std::string_view room, uint64_t before, uint64_t count) {
    impl_->verb([&] { impl_->session().history(room, before, count); });
}
void Client::get(std::string_view sha256, std::string_view name, uint64_t size) {
    impl_->verb([&] { impl_->get(sha256, name, size); });
}
void Client::ping() {
    impl_->verb([&] { impl_->session().ping(impl_->nowMs()); });
}
void Client::bye() {
    impl_->verb([&] { impl_->bye(); });
}
void Client::disconnect() {
    impl_->verb([&] { impl_->disconnect(); });
}
void Client::reconnect() {
    impl_->verb([&] { impl_->connect(); });
}
bool Client::idle() const {
    return impl_->idle();
}
size_t Client::unacknowledged() const {
    return impl_->unacknowledged();
}
bool Client::connected() const {
    return impl_->session().connected();
}
const std::string& Client::nickName() const {
    return impl_->session().nickName();
}
const Options& Client::options() const {
    return impl_->options();
}

}  // namespace netchat::client

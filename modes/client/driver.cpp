#include "modes/client/driver.h"

#include <utility>

#include "modes/client/plain_hint.h"
#include "protocol/duration.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

constexpr int64_t kByeTimeoutMs = 5'000;         // from the last byte written to the server's end
constexpr int64_t kClassicEndTimeoutMs = 2'000;  // the original takes a moment to notice an end
// Chunks behind chat: what the kernel holds unsent is what chat waits for.
constexpr size_t kUnsentBytesMax = 2 * limits::kPieceBytes;
// A server takes two offers a second of one user, unless told otherwise.
constexpr int64_t kOfferAgainMs = 1'000;
// What one client sends before the loop serves others.
constexpr int kChunksPerTurn = 16;

}  // namespace

Driver::Driver(Host& host, Options options, Listener& listener)
    : host_(host),
      options_(std::move(options)),
      listener_(listener),
      v2_(options_.classic ? nullptr : std::make_unique<V2Side>(options_, *this, host)),
      classic_(makeClassic(options_, *this, host)),
      session_(v2_ ? static_cast<Session&>(v2_->session) : classic_->session),
      uploads_(v2_ ? static_cast<Outgoing&>(v2_->uploads) : classic_->uploads),
      budget_(options_.autoDownloadBytes, options_.autoDownloadTotalBytes),
      reconnect_(options_.reconnect) {
    if (!v2_ || !options_.resume) return;
    v2_->session.resume(*options_.resume);
    lastId_ = options_.resume->lastId;
    earlierFiles_ = options_.resume->files;
}

Driver::~Driver() {
    closeConnection();
}

Resume Driver::state() const {
    if (!v2_) return {};
    Resume resume = v2_->session.state();
    resume.lastId = lastId_;
    return resume;
}

// ---- turns

void Driver::schedule() {
    if (scheduled_) return;
    scheduled_ = true;
    host_.post([this, alive = std::weak_ptr<char>(alive_)] {
        if (!alive.expired()) turn();
    });
}

void Driver::turn() {
    scheduled_ = false;
    tellDeferred();
    if (phase_ == Phase::Wanted) makeConnection();
    if (uploads_.prepare()) schedule();
    if (v2_ && v2_->downloads.advance()) schedule();
    if (v2_) v2_->session.leaveReturned();
    flush();
}

void Driver::tellDeferred() {
    for (StoredEvent& event : std::exchange(deferred_, {})) listener_.onEvent(event.get());
}

void Driver::onEvent(const Event& told) {
    Event event = told;
    if (const auto* const ended = std::get_if<event::Disconnected>(&told)) {
        closeConnection();
        if (const auto again = mended(*ended)) {
            event = *again;
        } else {
            byeAsked_ = false;
        }
    }
    if (isOneOf<event::Connected>(event)) connected();
    // An upload that is over makes room for the next.
    if (isOneOf<event::Uploaded, event::Refused>(event)) schedule();
    if (verbDepth_ > 0) {
        deferred_.emplace_back(event);
        return schedule();
    }
    tellDeferred();
    listener_.onEvent(event);
}

void Driver::connected() {
    if (!session_.leaving()) host_.cancel(limit_);
    reconnect_.connected(host_.nowMs());
    everConnected_ = true;
    checkLife(options_.quietMs);
    if (byeAsked_) bye();
}

void Driver::onOffersTooFast() {
    if (offers_ != 0) return;
    offers_ = host_.after(kOfferAgainMs, [this] {
        offers_ = 0;
        v2_->uploads.open();
        schedule();
    });
}

void Driver::onAnnouncing(event::File& file) {
    if (ignores(file.from)) return;
    if (options_.downloads.empty()) return void(file.text = kNoFolderText);
    if (options_.wants) return void(file.fetching = options_.wants(file));
    const auto verdict = budget_.take(file);
    file.fetching = verdict == FetchBudget::Verdict::Fetched;
    file.text = FetchBudget::reason(verdict);
}

void Driver::onOpen() {
    if (v2_) v2_->uploads.open();
    if (v2_) v2_->downloads.open();
    if (v2_) takeUpFiles();
}

// What an earlier client was to fetch is told again, so that whoever listens knows what comes.
void Driver::takeUpFiles() {
    for (const KnownFile& file : std::exchange(earlierFiles_, {})) {
        event::File told{.room = file.room,
                         .from = file.from,
                         .name = file.name,
                         .folder = file.folder,
                         .sha256 = file.sha256,
                         .seq = file.seq,
                         .size = file.size,
                         .history = true,
                         .again = true};
        onAnnouncing(told);
        told.mtime = file.mtime;
        if (file.asked && !options_.downloads.empty()) told.fetching = true;
        onEvent(told);
        onAnnounced(told);
    }
}

// ---- the connection

void Driver::start() {
    if (auto status = checkOptions(options_); !status) {
        return session_.cut(errorName(status.error().code), status.error().text);
    }
    connect();
}

void Driver::connect() {
    phase_ = Phase::Wanted;
    schedule();
}

void Driver::reconnect() {
    if (phase_ != Phase::Idle && phase_ != Phase::Away) disconnect();
    host_.cancel(std::exchange(retry_, 0));
    connect();
}

void Driver::retry() {
    if (phase_ == Phase::Idle || phase_ == Phase::Away) reconnect();
}

// Whether the connection that has ended is to be made again; then Reconnecting is what is told.
std::optional<event::Reconnecting> Driver::mended(const event::Disconnected& ended) {
    const auto ms = reconnect_.lost(ended.code, host_.nowMs(), host_.random());
    if (!ms) return {};
    phase_ = Phase::Away;
    retry_ = host_.after(*ms, [this] {
        retry_ = 0;
        connect();
    });
    return event::Reconnecting{
        .text = ended.text, .code = ended.code, .attempt = reconnect_.attempt(), .retryMs = *ms};
}

void Driver::makeConnection() {
    phase_ = Phase::Connecting;
    link_ = host_.connect(options_.server, options_.connectTimeoutMs, *this);
}

// Whoever was let in before knows what kind of server it is.
void Driver::onUnreachable(const Error& why) {
    const bool untrusted = why.code == ErrorCode::Untrusted;
    std::string text = why.text;
    if (why.code == ErrorCode::NeedsTls && !knowsServer()) text += kPlainHint;
    session_.cut(untrusted ? errorName(why.code) : "unreachable", text);
}

void Driver::onConnected() {
    phase_ = Phase::Up;
    heard();
    if (v2_) link_->limitUnsent(kUnsentBytesMax);
    std::string silent = "the server did not answer the greeting";
    if (!knowsServer()) silent += " (a classic server needs --classic)";
    limit(options_.connectTimeoutMs, "timeout", std::move(silent));
    session_.connectionMade();
    flush();
}

void Driver::closeConnection() {
    host_.cancel(std::exchange(limit_, 0));
    host_.cancel(std::exchange(life_, 0));
    host_.cancel(std::exchange(retry_, 0));
    host_.cancel(std::exchange(offers_, 0));
    link_.reset();
    phase_ = Phase::Idle;
    uploads_.connectionEnded();
    if (v2_) v2_->downloads.connectionEnded();
    if (classic_) classic_->downloads.connectionEnded();
}

// Cuts the connection unless what is waited for happens in time.
void Driver::limit(int64_t ms, std::string code, std::string text) {
    host_.cancel(limit_);
    limit_ = host_.after(ms, [this, code = std::move(code), text = std::move(text)] {
        limit_ = 0;
        session_.cut(code, text);
    });
}

void Driver::disconnect() {
    if (phase_ == Phase::Idle) return;
    session_.cut("", "closed by this side");
}

void Driver::bye() {
    if (phase_ == Phase::Idle) return session_.cut("", "");
    if (phase_ == Phase::Away && unacknowledged() == 0) return session_.cut("", "");
    byeAsked_ = true;
    session_.bye();
    // While the server is away, what was said waits for it as long as it is tried.
    if (session_.connected() || session_.unacknowledged() == 0) limit(kByeTimeoutMs, "", "");
}

void Driver::onBytes(std::string_view bytes) {
    heard();
    session_.receive(bytes, host_.nowMs());
    if (v2_ && v2_->downloads.advance()) schedule();
    flush();
}

void Driver::onWritable() {
    heard();
    flush();
}

// ---- whether the server is alive: a connection whose other end is gone without a word shows it by
// nothing but silence

void Driver::heard() {
    heardMs_ = host_.nowMs();
    probed_ = false;
}

void Driver::checkLife(int64_t ms) {
    if (!v2_ || options_.quietMs == 0 || options_.signOfLifeMs == 0) return;
    host_.cancel(life_);
    life_ = host_.after(ms, [this] {
        life_ = 0;
        looked();
    });
}

void Driver::looked() {
    const int64_t quiet = host_.nowMs() - heardMs_;
    if (quiet < options_.quietMs) return checkLife(options_.quietMs - quiet);
    if (probed_) {
        return session_.cut("lost", "no reply from the server for " + durationText(quiet));
    }
    probed_ = session_.probe();
    checkLife(options_.signOfLifeMs);
    schedule();
}

// ---- output: chat first, then files, as long as the kernel has room

void Driver::flush() {
    for (int chunks = 0; link_ && phase_ == Phase::Up; ++chunks) {
        // The original reads a file with one recv(): its name and bytes leave together.
        const size_t waiting = session_.output().size();
        if (classic_ && waiting > 0 && waiting < limits::kMiB) uploads_.produce();
        if (!writeOutput() || !link_) return;
        if (chunks == kChunksPerTurn) return schedule();
        if (!uploads_.produce()) break;
    }
    endIfDone();
}

// False when the kernel is full: onWritable() follows.
bool Driver::writeOutput() {
    while (link_ && !session_.output().empty()) {
        const std::string_view output = session_.output();
        const iovec piece{const_cast<char*>(output.data()), output.size()};
        const size_t size = link_->write({&piece, 1});
        const bool full = size < output.size();
        if (size > 0 && session_.leaving()) limit(kByeTimeoutMs, "", "");
        session_.written(size);
        if (full) return false;
    }
    return true;
}

void Driver::endIfDone() {
    if (phase_ != Phase::Up || !link_ || !session_.endsAfterOutput()) return;
    phase_ = Phase::Ending;
    link_->shutdownWrite();
    limit(kClassicEndTimeoutMs, "", "");
}

// ---- verbs

Result<std::string> Driver::upload(std::string_view room, const std::filesystem::path& path,
                                   std::string_view former, const UploadAs& as) {
    if (auto status = checkRoom(room); !status) return status.error();
    // The system reads a path to its first NUL: that would be another file.
    if (path.native().find('\0') != std::string::npos) {
        return Error{ErrorCode::BadName, "a path must not contain a NUL character"};
    }
    if (classic_ && room != kLobby) {
        return Error{ErrorCode::BadRoom, "the classic protocol has only one room: lobby"};
    }
    auto file = host_.openSource(path);
    if (!file) return file.error();
    const uint64_t most = session_.fileBytesMax();
    if (most != 0 && (*file)->size() > most) {
        return Error{ErrorCode::TooLarge,
                     forLog(path.native(), 200) + " has " + std::to_string((*file)->size()) +
                         " bytes; the server accepts at most " + std::to_string(most)};
    }
    const std::string id = former.empty() ? nextId() : std::string(former);
    const std::string name = as.name.empty() ? path.filename().native() : as.name;
    uploads_.add(id, room, safeFileName(name), std::move(*file), as.folder);
    return id;
}

void Driver::get(const Arriving& file) {
    if (classic_) return classic_->session.get(file.sha256);
    if (auto status = checkSha256(file.sha256); !status) {
        return onEvent(event::Refused{.text = status.error().text,
                                      .name = file.name,
                                      .sha256 = file.sha256,
                                      .code = errorName(status.error().code),
                                      .re = "get"});
    }
    v2_->downloads.want({.name = file.name,
                         .folder = file.folder,
                         .sha256 = file.sha256,
                         .size = file.size,
                         .mtime = file.mtimeMs});
}

bool Driver::cancel(std::string_view key) {
    const std::string copy(key);  // it may be of what goes by this
    if (uploads_.cancel(copy)) return true;
    return v2_ ? v2_->downloads.cancel(copy) : classic_->downloads.cancel(copy);
}

Transfers Driver::transfers() const {
    Transfers all;
    uploads_.list(all);
    v2_ ? v2_->downloads.list(all) : classic_->downloads.list(all);
    return all;
}

void Driver::ignore(std::string_view nick, bool ignored) {
    const auto found = ignored_.find(nick);
    if (ignored && found == ignored_.end()) ignored_.emplace(nick);
    if (!ignored && found != ignored_.end()) ignored_.erase(found);
}

bool Driver::idle() const {
    const size_t downloads = v2_ ? v2_->downloads.pending() : classic_->downloads.pending();
    return session_.idle() && uploads_.pending() == 0 && downloads == 0 && deferred_.empty();
}

std::string Driver::checkInvariants() const {
    const bool linked =
        phase_ == Phase::Connecting || phase_ == Phase::Up || phase_ == Phase::Ending;
    if (linked != (link_ != nullptr))
        return "it has a connection that it does not know of, or none";
    if ((retry_ != 0) != (phase_ == Phase::Away)) return "it tries again, and is not away";
    if (life_ != 0 && !linked) return "it looks for a sign of life without a connection";
    if (offers_ != 0 && !linked) return "it waits to offer files without a connection";
    return session_.checkInvariants();
}

}  // namespace netchat::client

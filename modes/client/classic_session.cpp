#include "modes/client/classic_session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/time_text.h"

namespace netchat::client {

namespace {

// Whether a file is wanted is decided by its receiver; the reader takes any.
constexpr uint64_t kAnyFile = std::numeric_limits<uint64_t>::max();

}  // namespace

ClassicSession::ClassicSession(std::string nick, std::unique_ptr<Charset> charset,
                               size_t headerWidth, SessionSink& sink)
    : sink_(sink),
      nick_(std::move(nick)),
      charset_(std::move(charset)),
      format_{headerWidth, *charset_} {
}

// ---- the connection

void ClassicSession::connectionMade() {
    reader_.emplace(format_, kAnyFile);
    out_.reset();
    state_ = State::Greeting;
    if (auto status = classic::appendText(out_.tail(), format_, nick_); !status) {
        return disconnected(errorName(status.error().code), "the nick: " + status.error().text);
    }
    greetingBytes_ = out_.endTotal();
    advance();
}

void ClassicSession::connectionEnded(std::string_view reason) {
    if (state_ == State::Idle) return;
    if (endsAfterOutput()) return disconnected("", "");
    std::string text = "the server ended the connection";
    if (!reason.empty()) text = "the connection was lost: " + std::string(reason);
    disconnected("lost", text);
}

void ClassicSession::cut(std::string_view code, std::string_view text) {
    disconnected(code, text);
}

// What was put out and not written whole may or may not have arrived: the user is told, for each.
void ClassicSession::disconnected(std::string_view code, std::string_view text) {
    state_ = State::Idle;
    byeWanted_ = false;
    out_.reset();
    const std::deque<Mark> unsent = std::exchange(marks_, {});
    const std::optional<Item> file = std::exchange(current_, {});
    currentLeft_ = 0;
    const std::string why = "the connection ended before it was sent";
    for (const Mark& mark : unsent) {
        refuse(ErrorCode::Closing, why, mark.name.empty() ? "say" : "offer", mark.id, kLobby,
               mark.name);
    }
    if (file) refuse(ErrorCode::Closing, why, "offer", file->id, kLobby, file->text);
    sink_.onEvent(event::Disconnected{.text = text, .code = code});
}

void ClassicSession::written(size_t size) {
    out_.written(size);
    if (state_ == State::Greeting && out_.writtenTotal() >= greetingBytes_) {
        state_ = State::Open;
        sink_.onEvent(event::Connected{.nick = nick_});
        if (lobbyWanted_) sink_.onEvent(event::Joined{.room = kLobby});
        sink_.onOpen();
    }
    passMarks();
}

void ClassicSession::passMarks() {
    while (!marks_.empty() && marks_.front().end <= out_.writtenTotal()) {
        const Mark mark = std::move(marks_.front());
        marks_.pop_front();
        if (mark.name.empty()) continue;
        sink_.onEvent(event::Uploaded{.room = kLobby,
                                      .id = mark.id,
                                      .name = mark.name,
                                      .sha256 = mark.sha256,
                                      .size = mark.size});
    }
}

bool ClassicSession::endsAfterOutput() const {
    return byeWanted_ && state_ == State::Open && idle() && !current_;
}

// ---- what comes

void ClassicSession::receive(std::string_view bytes, int64_t) {
    if (state_ == State::Idle) return;
    reader_->feed(bytes);
    while (state_ != State::Idle) {
        const auto event = reader_->next();
        if (event == classic::ServerReader::Event::NeedMore) break;
        takeEvent(event);
    }
    if (state_ != State::Idle) reader_->release();
}

void ClassicSession::takeEvent(classic::ServerReader::Event event) {
    using Kind = classic::ServerReader::Event;
    const auto time = [this] {
        const auto parsed = parseClassicTime(reader_->time());
        return parsed ? *parsed : 0;
    };
    switch (event) {
        case Kind::NeedMore:
            return;
        case Kind::Message:
            return sink_.onEvent(event::Message{
                .room = kLobby, .from = reader_->user(), .text = reader_->text(), .time = time()});
        case Kind::FileBegin:
            return sink_.onFileBegin(reader_->user(), reader_->text(), reader_->fileSize());
        case Kind::FileBytes:
            return sink_.onFileBytes(reader_->bytes());
        case Kind::FileEnd:
            return sink_.onFileEnd(time());
        case Kind::Failed:
            return disconnected(errorName(reader_->error().code),
                                "the server broke the classic protocol: " + reader_->error().text);
    }
}

// ---- what goes

void ClassicSession::say(std::string_view id, std::string_view room, std::string_view text) {
    if (!isLobby(room, "say", id)) return;
    if (byeWanted_) return refuse(ErrorCode::BadState, "nothing can be said after bye", "say", id);
    if (text.size() > limits::kTextBytesMax) {
        return refuse(ErrorCode::TooLong,
                      "a message has at most " + std::to_string(limits::kTextBytesMax) +
                          " bytes; longer texts go as files",
                      "say", id, room);
    }
    // Most messages wait for nothing.
    queue_.push_back({std::string(id), std::string(text)});
    advance();
}

void ClassicSession::upload(std::string_view id, std::string_view room, std::string_view name,
                            uint64_t size) {
    if (!isLobby(room, "offer", id)) return;
    queue_.push_back({std::string(id), std::string(name), true, size});
    advance();
}

// Puts out what may go now: everything up to the first file whose bytes are missing.
void ClassicSession::advance() {
    while (state_ != State::Idle && !current_ && !queue_.empty()) {
        const Item item = std::move(queue_.front());
        queue_.pop_front();
        if (!putOut(item)) continue;
        if (item.file) {
            current_ = item;
            currentLeft_ = item.size;
        } else {
            marks_.push_back({item.id, out_.endTotal(), {}, {}});
        }
    }
}

bool ClassicSession::putOut(const Item& item) {
    std::string bytes;
    const auto status = item.file ? classic::appendFileStart(bytes, format_, item.text, item.size)
                                  : classic::appendMessageText(bytes, format_, item.text);
    if (status) {
        out_.tail() += bytes;
        return true;
    }
    refuse(status.error().code, status.error().text, item.file ? "offer" : "say", item.id, kLobby,
           item.file ? item.text : std::string_view());
    return false;
}

std::string_view ClassicSession::dueFile() const {
    return current_ ? std::string_view(current_->id) : std::string_view();
}

void ClassicSession::fileBytes(std::string_view bytes) {
    if (!current_) return;
    bytes = bytes.substr(0, currentLeft_);
    out_.tail() += bytes;
    currentLeft_ -= bytes.size();
}

void ClassicSession::fileEnd(std::string_view sha256) {
    if (!current_ || currentLeft_ != 0) return;
    marks_.push_back(
        {current_->id, out_.endTotal(), current_->text, std::string(sha256), current_->size});
    current_.reset();
    advance();
    passMarks();  // an empty file leaves nothing to be written
}

bool ClassicSession::withdraw(std::string_view id) {
    const auto found = std::find_if(queue_.begin(), queue_.end(),
                                    [&](const Item& item) { return item.file && item.id == id; });
    if (found == queue_.end()) return false;
    queue_.erase(found);
    return true;
}

uint64_t ClassicSession::fileBytesMax() const {
    return largestLength(format_.headerWidth);
}

// ---- verbs that the dialect has not

void ClassicSession::join(std::string_view room, std::optional<uint64_t>) {
    if (!isLobby(room, "join", {})) return;
    lobbyWanted_ = true;
    if (state_ == State::Open) sink_.onEvent(event::Joined{.room = kLobby});
}

bool ClassicSession::isLobby(std::string_view room, std::string_view re, std::string_view id) {
    if (room == kLobby) return true;
    refuse(ErrorCode::BadRoom, "the classic dialect has one room only: lobby", re, id, room);
    return false;
}

void ClassicSession::refuse(ErrorCode code, const std::string& text, std::string_view re,
                            std::string_view id, std::string_view room, std::string_view name) {
    sink_.onEvent(event::Refused{
        .room = room, .id = id, .text = text, .name = name, .code = errorName(code), .re = re});
}

void ClassicSession::refuseVerb(std::string_view verb) {
    refuse(ErrorCode::BadVerb, "the classic dialect has no '" + std::string(verb) + "'", verb);
}

void ClassicSession::tell(std::string_view id, std::string_view nick, std::string_view) {
    sink_.onEvent(event::Refused{.nick = nick,
                                 .id = id,
                                 .text = "the classic dialect has no 'tell'",
                                 .code = errorName(ErrorCode::BadVerb),
                                 .re = "tell"});
}
void ClassicSession::leave(std::string_view) {
    refuseVerb("leave");
}
void ClassicSession::nick(std::string_view) {
    refuseVerb("nick");
}
void ClassicSession::ping(int64_t) {
    refuseVerb("ping");
}
void ClassicSession::get(std::string_view) {
    refuseVerb("get");
}

}  // namespace netchat::client

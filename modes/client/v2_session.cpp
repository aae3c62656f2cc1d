#include "modes/client/v2_session.h"

#include <algorithm>

#include "protocol/names.h"

namespace netchat::client {

namespace {

// A server that never answers does not make them pile up.
constexpr size_t kPingsMax = 64;

}  // namespace

// ---- an earlier client

void V2Session::resume(const Resume& resume) {
    secret_ = resume.secret;
    user_ = resume.user;
    if (!resume.nick.empty()) nick_ = resume.nick;
    remembered_ = resume.rooms;
    for (Said said : resume.said) {
        said.state = Said::State::Unsure;
        unacked_.add(std::move(said));
    }
}

Resume V2Session::state() const {
    Resume resume{.secret = secret_,
                  .user = user_,
                  .nick = nick_,
                  .lastId = 0,
                  .rooms = {},
                  .said = {unacked_.all().begin(), unacked_.all().end()}};
    for (const Room& room : rooms_) {
        if (!room.last) continue;
        resume.rooms.push_back({room.name, *room.last, room.read});
        LogPlaces& read = resume.rooms.back().read;
        if (!read.empty()) read.back().seq = *room.last;
    }
    for (const Resume::Room& room : remembered_) {
        if (findRoom(room.name) == nullptr) resume.rooms.push_back(room);
    }
    return resume;
}

// ---- the connection

void V2Session::connectionMade() {
    reader_ = FieldReader(limits::kHeaderWidth);
    out_.reset();
    lastWords_.reset();
    state_ = State::Greeting;
    v2::encode(
        out_.tail(),
        v2::Hello{.nick = nick_, .session = secret_, .auth = password_, .guest = guest_ ? 1U : 0U});
}

void V2Session::connectionEnded(std::string_view reason) {
    if (state_ == State::Idle) return;
    if (state_ == State::Leaving) return disconnected("", "");
    if (lastWords_) return disconnected(lastWords_->code, lastWords_->text);
    std::string text = "the connection was lost";
    if (!reason.empty()) text += ": " + std::string(reason);
    if (reason.empty()) text = "the server closed the connection";
    // Whoever was greeted before knows that this is no classic server.
    const bool maybeClassic = state_ == State::Greeting && secret_.empty();
    if (state_ == State::Greeting) text += " before it replied";
    if (maybeClassic) text += " (a classic server needs --classic)";
    disconnected("lost", text);
}

void V2Session::cut(std::string_view code, std::string_view text) {
    disconnected(code, text);
}

// Everything of this connection is forgotten; what the user wants is kept for the next one.
void V2Session::disconnected(std::string_view code, std::string_view text) {
    const std::string codeCopy(code), textCopy(text);  // they may refer to what is cleared here
    state_ = State::Idle;
    byeWanted_ = false;
    out_.reset();
    lastWords_.reset();
    unacked_.holdAll();
    for (Room& room : rooms_) {
        if (room.state == Room::State::Joined) room.state = Room::State::Joining;
        if (room.state == Room::State::Returning) room.state = Room::State::Leaving;
        room.rejoined = false;
    }
    pending_.connectionEnded();
    emit(event::Disconnected{.text = textCopy, .code = codeCopy});
}

void V2Session::fail(const Error& error) {
    disconnected(errorName(error.code), "protocol error by the server: " + error.text);
}

// ---- saying

void V2Session::say(std::string_view id, std::string_view room, std::string_view text) {
    if (byeWanted_) {
        return refuse({ErrorCode::BadState, "nothing can be sent after bye"}, "say", id, room);
    }
    if (auto status = checkRoom(room); !status) return refuse(status.error(), "say", id, room);
    if (text.size() > textBytesMax_) {
        return refuse(
            {ErrorCode::TooLong, "a message can have at most " + std::to_string(textBytesMax_) +
                                     " bytes; send longer texts as files"},
            "say", id, room);
    }
    Said said{Said::Kind::Say, std::string(id), std::string(room), std::string(text)};
    said.behind = pending_.lastOf(room);
    unacked_.add(std::move(said));
    sendDue();
}

void V2Session::tell(std::string_view id, std::string_view nick, std::string_view text) {
    if (byeWanted_) {
        return refuse({ErrorCode::BadState, "nothing can be sent after bye"}, "tell", id, {}, nick);
    }
    if (auto status = checkNick(nick); !status) return refuse(status.error(), "tell", id, {}, nick);
    if (text.size() > textBytesMax_) {
        return refuse(
            {ErrorCode::TooLong, "a message can have at most " + std::to_string(textBytesMax_) +
                                     " bytes; send longer texts as files"},
            "tell", id, {}, nick);
    }
    unacked_.add({Said::Kind::Tell, std::string(id), std::string(nick), std::string(text)});
    sendDue();
}

bool V2Session::mayTalk(const Said& said) const {
    if (state_ != State::Open) return false;
    if (said.kind == Said::Kind::Tell) return true;
    const Room* const room = findRoom(said.where);
    const bool joining = room != nullptr && room->state == Room::State::Joining;
    return !joining && !pending_.waits(said.where, said.behind);
}

void V2Session::sendDue() {
    if (state_ != State::Open) return;
    unacked_.sendHeld([this](const Said& said) { return mayTalk(said); },
                      [this](const Said& said) { sendSaid(said); });
    trySendBye();
}

void V2Session::sendSaid(const Said& said) {
    if (said.kind == Said::Kind::Say) {
        v2::encode(out_.tail(), v2::Say{.room = said.where, .id = said.id, .text = said.text});
        return;
    }
    v2::Tell tell;
    tell.to = said.where;
    tell.id = said.id;
    tell.text = said.text;
    v2::encode(out_.tail(), tell);
}

void V2Session::bye() {
    byeWanted_ = true;
    trySendBye();
}

void V2Session::trySendBye() {
    if (!byeWanted_ || state_ != State::Open) return;
    if (unacked_.anyHeld() || !pending_.allSent()) return;
    state_ = State::Leaving;
    v2::encode(out_.tail(), v2::Bye{});
}

// ---- requests

void V2Session::question(std::string_view verb, std::string_view about, std::string_view words,
                         std::string frame) {
    pending_.ask(verb, about, words, std::move(frame));
    sendQuestions();
}

void V2Session::sendQuestions() {
    if (state_ != State::Open) return;
    pending_.sendDue([this](std::string_view frame) { out_.tail() += frame; });
}

void V2Session::refuse(Error error, std::string_view re, std::string_view id, std::string_view room,
                       std::string_view nick) {
    emit(event::Refused{.room = room,
                        .nick = nick,
                        .id = id,
                        .text = error.text,
                        .code = errorName(error.code),
                        .re = re});
}

void V2Session::nick(std::string_view name) {
    if (auto status = checkNick(name); !status) return refuse(status.error(), "nick", {}, {}, name);
    question(v2::Nick::kVerb, name, {}, v2::encoded(v2::Nick{.nick = name}));
}

void V2Session::ping(int64_t nowMs) {
    if (pings_.size() >= kPingsMax) {  // a server that never answers
        pending_.forget(v2::Ping::kVerb, pings_.front().token);
        pings_.erase(pings_.begin());
    }
    pings_.push_back({std::to_string(++lastPing_), nowMs});
    const std::string token = pings_.back().token;
    question(v2::Ping::kVerb, token, {}, v2::encoded(v2::Ping{.token = token}));
}

bool V2Session::probe() {
    if (state_ != State::Open) return false;
    v2::encode(out_.tail(), v2::Ping{.token = "alive"});
    return true;
}

// ---- transfers

bool V2Session::mayOffer(std::string_view room) const {
    if (state_ != State::Open) return false;
    const Room* found = findRoom(room);
    if (found != nullptr && found->state == Room::State::Joining) return false;
    // What is there to be finished is not held up by what comes after it.
    const bool returning = found != nullptr && found->state == Room::State::Returning;
    return returning || !pending_.waitsToJoin(room);
}

void V2Session::offer(const v2::Offer& offer) {
    v2::encode(out_.tail(), offer);
}

void V2Session::sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes) {
    v2::encode(out_.tail(),
               v2::Data{.transfer = transfer, .sha256 = {}, .off = off, .bytes = bytes});
}

void V2Session::cancelUpload(uint64_t transfer) {
    if (state_ == State::Open)
        v2::encode(out_.tail(), v2::Cancel{.transfer = transfer, .sha256 = {}});
}

void V2Session::get(std::string_view sha256, uint64_t at, uint64_t size) {
    if (state_ != State::Open) return;
    v2::encode(out_.tail(), v2::Get{.sha256 = sha256, .at = at, .len = size});
}

void V2Session::cancelDownload(std::string_view sha256) {
    if (state_ == State::Open) v2::encode(out_.tail(), v2::Cancel{.transfer = 0, .sha256 = sha256});
}

void V2Session::verify(std::string_view sha256) {
    if (state_ == State::Open) v2::encode(out_.tail(), v2::Verify{sha256});
}

// ---- state

bool V2Session::idle() const {
    const auto joining = [](const Room& room) { return room.state == Room::State::Joining; };
    const bool asked = state_ == State::Open ? pending_.allSent() : pending_.empty();
    return unacked_.size() == 0 && out_.empty() && asked &&
           std::none_of(rooms_.begin(), rooms_.end(), joining);
}

const V2Session::Room* V2Session::findRoom(std::string_view name) const {
    const auto found = std::find_if(rooms_.begin(), rooms_.end(),
                                    [&](const Room& room) { return room.name == name; });
    return found == rooms_.end() ? nullptr : &*found;
}

V2Session::Room* V2Session::findRoom(std::string_view name) {
    return const_cast<Room*>(std::as_const(*this).findRoom(name));
}

void V2Session::eraseRoom(std::string_view name) {
    if (const Room* room = findRoom(name)) rememberLeft(*room);
    std::erase_if(rooms_, [&](const Room& room) { return room.name == name; });
}

}  // namespace netchat::client

#include "modes/client/v2_session.h"

#include <algorithm>

#include "protocol/names.h"

namespace netchat::client {

namespace {

// A server that never answers does not make them pile up.
constexpr size_t kPingsMax = 64;
constexpr size_t kLeftMax = 64;

}  // namespace

// ---- an earlier client

void V2Session::resume(const Resume& resume) {
    secret_ = resume.secret;
    user_ = resume.user;
    if (!resume.nick.empty()) nick_ = resume.nick;
    remembered_ = resume.rooms;
    for (Said said : resume.said) {
        said.state = Said::State::Unsure;
        outstanding_.add(std::move(said));
    }
}

Resume V2Session::state() const {
    Resume resume{.secret = secret_,
                  .user = user_,
                  .nick = nick_,
                  .lastId = 0,
                  .rooms = {},
                  .said = {outstanding_.all().begin(), outstanding_.all().end()}};
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
    if (reason.empty()) text = "the server ended the connection";
    // Whoever was greeted before knows that this is no classic server.
    const bool maybeClassic = state_ == State::Greeting && secret_.empty();
    if (state_ == State::Greeting) text += " before it answered";
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
    outstanding_.holdAll();
    for (Room& room : rooms_) {
        if (room.state == Room::State::Joined) room.state = Room::State::Joining;
        if (room.state == Room::State::Returning) room.state = Room::State::Leaving;
        room.returned = room.rejoined = false;
    }
    emit({.kind = EventKind::Disconnected, .text = textCopy, .code = codeCopy});
}

void V2Session::fail(const Error& error) {
    disconnected(errorName(error.code), "the server broke the protocol: " + error.text);
}

// ---- saying

void V2Session::say(std::string_view id, std::string_view room, std::string_view text) {
    if (byeWanted_) {
        return refuse({ErrorCode::BadState, "nothing can be said after bye"}, "say", id, room);
    }
    if (auto status = checkRoom(room); !status) return refuse(status.error(), "say", id, room);
    if (text.size() > textBytesMax_) {
        return refuse(
            {ErrorCode::TooLong, "a message has at most " + std::to_string(textBytesMax_) +
                                     " bytes; longer texts go as files"},
            "say", id, room);
    }
    outstanding_.add({Said::Kind::Say, std::string(id), std::string(room), std::string(text)});
    sendDue();
}

void V2Session::tell(std::string_view id, std::string_view nick, std::string_view text) {
    if (byeWanted_) {
        return refuse({ErrorCode::BadState, "nothing can be said after bye"}, "tell", id, {}, nick);
    }
    if (auto status = checkNick(nick); !status) return refuse(status.error(), "tell", id, {}, nick);
    if (text.size() > textBytesMax_) {
        return refuse(
            {ErrorCode::TooLong, "a message has at most " + std::to_string(textBytesMax_) +
                                     " bytes; longer texts go as files"},
            "tell", id, {}, nick);
    }
    outstanding_.add({Said::Kind::Tell, std::string(id), std::string(nick), std::string(text)});
    sendDue();
}

bool V2Session::mayTalk(const Said& said) const {
    return state_ == State::Open && (said.kind == Said::Kind::Tell || mayOffer(said.where));
}

void V2Session::sendDue() {
    if (state_ != State::Open) return;
    outstanding_.sendHeld([this](const Said& said) { return mayTalk(said); },
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
    if (!byeWanted_ || state_ != State::Open || outstanding_.anyHeld()) return;
    state_ = State::Leaving;
    v2::encode(out_.tail(), v2::Bye{});
}

// ---- requests

template <class M>
void V2Session::ask(const M& message, std::string_view about, std::string_view words) {
    asked_.push_back({M::kVerb, std::string(about), std::string(words), v2::encoded(message)});
    if (state_ == State::Open) out_.tail() += asked_.back().frame;
}

// The words of the search that was answered, if it was one.
std::string V2Session::answered(std::string_view verb, std::string_view about) {
    const auto found = std::find_if(asked_.begin(), asked_.end(), [&](const Asked& asked) {
        return asked.verb == verb && asked.about == about;
    });
    if (found == asked_.end()) return {};
    std::string words = std::move(found->words);
    asked_.erase(found);
    return words;
}

void V2Session::refuse(Error error, std::string_view re, std::string_view id, std::string_view room,
                       std::string_view nick) {
    emit({.kind = EventKind::Refused,
          .room = room,
          .nick = nick,
          .id = id,
          .text = error.text,
          .code = errorName(error.code),
          .re = re});
}

void V2Session::join(std::string_view name, std::optional<uint64_t> since) {
    if (auto status = checkRoom(name); !status) return refuse(status.error(), "join", {}, name);
    Room* room = findRoom(name);
    if (room != nullptr && state_ == State::Open) room->rejoined = true;
    if (room == nullptr) room = &rooms_.emplace_back(Room{.name = std::string(name)});
    beginAt(*room, since);
    if (room->state == Room::State::Returning) v2::encode(out_.tail(), v2::Leave{.room = name});
    room->state = Room::State::Joining;
    if (state_ == State::Open) sendJoin(*room);
}

// Where it is to begin, and under which identities of the log what was before that was read.
void V2Session::beginAt(Room& room, std::optional<uint64_t> since) {
    const auto placeIn = [&](const std::vector<Resume::Room>& rooms) -> const Resume::Room* {
        const auto found = std::find_if(rooms.begin(), rooms.end(), [&](const Resume::Room& known) {
            return known.name == room.name;
        });
        return found == rooms.end() ? nullptr : &*found;
    };
    const Resume::Room* const remembered = placeIn(remembered_);
    if (!room.last && remembered) {
        room.last = remembered->last;
        room.read = remembered->read;
    }
    if (!since) return;
    // What it was told of the room says which log the number is of; a larger one is the user's own.
    const Resume::Room* const left = placeIn(left_);
    if (!room.last && left) {
        room.last = left->last;
        room.read = left->read;
    }
    if (!room.last || *since > *room.last) room.read.clear();
    room.chosen = !room.last || *since > *room.last;
    cutAt(room.read, *since);
    room.last = since;
}

void V2Session::sendJoin(Room& room) {
    if (!room.read.empty()) room.read.back().seq = room.last.value_or(0);
    const std::string log = room.last ? logPlacesText(room.read) : std::string();
    v2::encode(out_.tail(), v2::Join{.room = room.name, .since = room.last, .log = log});
}

// Who joins it again, and names an entry, has read it up to there.
void V2Session::rememberLeft(const Room& room) {
    if (!room.last || room.read.empty()) return;
    std::erase_if(left_, [&](const Resume::Room& known) { return known.name == room.name; });
    if (left_.size() >= kLeftMax) left_.erase(left_.begin());
    left_.push_back({room.name, *room.last, room.read});
    left_.back().read.back().seq = *room.last;
}

void V2Session::leave(std::string_view name) {
    if (auto status = checkRoom(name); !status) return refuse(status.error(), "leave", {}, name);
    Room* const room = findRoom(name);
    if (room == nullptr) {
        return refuse({ErrorCode::NotInRoom, "you are not in this room"}, "leave", {}, name);
    }
    const bool answered = room->state != Room::State::Joining && !sink_.uploading(name);
    if (state_ == State::Open && !answered && owes(name)) {
        room->state = Room::State::Returning;
        sendDue();
        sink_.onRoomReady(name);
        return leaveReturned();
    }
    room->state = Room::State::Leaving;
    if (state_ == State::Open) v2::encode(out_.tail(), v2::Leave{.room = name});
}

// Whether something that was said or dropped there has no answer.
bool V2Session::owes(std::string_view room) const {
    const auto& all = outstanding_.all();
    return sink_.uploading(room) || std::any_of(all.begin(), all.end(), [&](const Said& said) {
               return said.kind == Said::Kind::Say && said.where == room;
           });
}

// What was said is answered before the `leave` behind it; a file is so only when it is stored.
void V2Session::leaveReturned() {
    if (state_ != State::Open) return;
    for (Room& room : rooms_) {
        if (room.state != Room::State::Returning || sink_.uploading(room.name)) continue;
        room.state = Room::State::Leaving;
        v2::encode(out_.tail(), v2::Leave{.room = room.name});
    }
}

void V2Session::nick(std::string_view name) {
    if (auto status = checkNick(name); !status) return refuse(status.error(), "nick", {}, {}, name);
    ask(v2::Nick{.nick = name}, {});
}

void V2Session::who(std::string_view room) {
    ask(v2::Who{.room = room}, room);
}

void V2Session::rooms() {
    ask(v2::Rooms{}, {});
}

void V2Session::history(std::string_view room, uint64_t before, uint64_t limit) {
    ask(v2::History{.room = room, .before = before, .limit = limit}, room);
}

void V2Session::op(std::string_view act, std::string_view target, uint64_t seconds,
                   std::string_view reason) {
    ask(v2::Op{.act = act, .target = target, .seconds = seconds, .reason = reason}, {});
}

void V2Session::search(std::string_view room, std::string_view words, uint64_t before,
                       uint64_t limit) {
    ask(v2::Search{.room = room, .before = before, .limit = limit, .words = words}, room, words);
}

void V2Session::ping(int64_t nowMs) {
    if (pings_.size() >= kPingsMax) {  // a server that never answers
        answered(v2::Ping::kVerb, pings_.front().token);
        pings_.erase(pings_.begin());
    }
    pings_.push_back({std::to_string(++lastPing_), nowMs});
    const std::string token = pings_.back().token;
    ask(v2::Ping{.token = token}, token);
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
    return found == nullptr || found->state != Room::State::Joining;
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
    return outstanding_.size() == 0 && out_.empty() && (state_ == State::Open || asked_.empty()) &&
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

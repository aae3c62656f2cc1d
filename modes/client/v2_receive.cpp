// What V2Session does with each of the server's frames. The server is not trusted: a frame that is
// malformed, or that no server may send at this moment, ends the connection with a clear text.

#include <algorithm>
#include <utility>

#include "modes/client/resume.h"
#include "modes/client/v2_session.h"
#include "protocol/names.h"

namespace netchat::client {

namespace {

constexpr std::string_view kForgotten =
    "the server no longer knows this user; you are a new user now";
constexpr std::string_view kBeganAnew =
    "the server has lost its data: you are a new user, and the rooms start empty";
constexpr std::string_view kAnswerTaken =
    "a damaged part of the server's log may have held the reply to a message; reconnecting to make "
    "sure";
constexpr std::string_view kNoGuests =
    "this server has no guests: it reserves the nick for this run";
// Of a text that may be lost.
constexpr size_t kQuotedBytes = 100;

}  // namespace

template <class M, void (V2Session::*Take)(const M&)>
void V2Session::decoded(const Frame& frame) {
    auto message = v2::decode<M>(frame);
    if (!message) return fail(message.error());
    (this->*Take)(*message);
}

const V2Session::Verb V2Session::kVerbs[] = {
    {v2::Msg::kVerb, &V2Session::decoded<v2::Msg, &V2Session::takeMsg>},
    {v2::Data::kVerb, &V2Session::decoded<v2::Data, &V2Session::takeData>},
    {v2::Verified::kVerb, &V2Session::decoded<v2::Verified, &V2Session::takeVerified>},
    {v2::Presence::kVerb, &V2Session::decoded<v2::Presence, &V2Session::takePresence>},
    {v2::File::kVerb, &V2Session::decoded<v2::File, &V2Session::takeFile>},
    {v2::Tell::kVerb, &V2Session::decoded<v2::Tell, &V2Session::takeTell>},
    {v2::Welcome::kVerb, &V2Session::decoded<v2::Welcome, &V2Session::takeWelcome>},
    {v2::Joined::kVerb, &V2Session::decoded<v2::Joined, &V2Session::takeJoined>},
    {v2::Left::kVerb, &V2Session::decoded<v2::Left, &V2Session::takeLeft>},
    {v2::Accept::kVerb, &V2Session::decoded<v2::Accept, &V2Session::takeAccept>},
    {v2::Stored::kVerb, &V2Session::decoded<v2::Stored, &V2Session::takeStored>},
    {v2::Named::kVerb, &V2Session::decoded<v2::Named, &V2Session::takeNamed>},
    {v2::Roster::kVerb, &V2Session::decoded<v2::Roster, &V2Session::takeRoster>},
    {v2::RoomList::kVerb, &V2Session::decoded<v2::RoomList, &V2Session::takeRoomList>},
    {v2::Page::kVerb, &V2Session::decoded<v2::Page, &V2Session::takePage>},
    {v2::Found::kVerb, &V2Session::decoded<v2::Found, &V2Session::takeFound>},
    {v2::Gap::kVerb, &V2Session::decoded<v2::Gap, &V2Session::takeGap>},
    {v2::Done::kVerb, &V2Session::decoded<v2::Done, &V2Session::takeDone>},
    {v2::Notice::kVerb, &V2Session::decoded<v2::Notice, &V2Session::takeNotice>},
    {v2::Ping::kVerb, &V2Session::decoded<v2::Ping, &V2Session::takePing>},
    {v2::Pong::kVerb, &V2Session::decoded<v2::Pong, &V2Session::takePong>},
    {v2::Bye::kVerb, &V2Session::decoded<v2::Bye, &V2Session::takeBye>},
    {v2::Failure::kVerb, &V2Session::decoded<v2::Failure, &V2Session::takeFailure>},
};

void V2Session::receive(std::string_view bytes, int64_t nowMs) {
    if (state_ == State::Idle) return;
    nowMs_ = nowMs;
    reader_.feed(bytes);
    std::string_view payload;
    // A handler, or the listener behind it, may end the connection: then the rest is not looked at.
    while (state_ != State::Idle) {
        const auto got = reader_.takeField(limits::kFrameBytesMax, payload);
        if (got == FieldReader::State::NeedMore) break;
        if (got == FieldReader::State::Failed) return fail(reader_.error());
        takeFrame(payload);
    }
    if (state_ != State::Idle) reader_.release();
}

void V2Session::takeFrame(std::string_view payload) {
    const auto frame = parseFrame(payload);
    if (!frame) return fail(frame.error());
    const bool greeting = state_ == State::Greeting;
    const auto isVerb = [&](std::string_view verb) { return frame->verb == verb; };
    const bool beforeWelcome = isVerb(v2::Welcome::kVerb) || isVerb(v2::Failure::kVerb) ||
                               isVerb(v2::Bye::kVerb) || isVerb(v2::Ping::kVerb);
    if (greeting ? !beforeWelcome : isVerb(v2::Welcome::kVerb)) {
        return fail({ErrorCode::BadState,
                     "a '" + std::string(frame->verb.substr(0, 32)) + "' is not expected now"});
    }
    lastWords_.reset();
    for (const Verb& verb : kVerbs) {
        if (isVerb(verb.name)) return (this->*verb.handler)(*frame);
    }
    // A verb of a newer server: as with unknown labels, there is nothing to do about it.
}

// ---- greeting and rooms

void V2Session::takeWelcome(const v2::Welcome& welcome) {
    state_ = State::Open;
    const bool again = !secret_.empty();
    const bool forgotten = again && welcome.session != secret_;
    // With its memory a server loses the logs, too: what it has now, nobody was told.
    const bool anew = forgotten && welcome.durability == kForgetful;
    const std::vector<Said> unsure = forgotten ? unacked_.takeUnsure() : std::vector<Said>();
    secret_ = welcome.session;
    user_ = welcome.user;
    nick_ = welcome.nick;
    const auto announced = [](uint64_t value, uint64_t most) {
        return value == 0 ? most : std::min(value, most);
    };
    textBytesMax_ = announced(welcome.textMax, limits::kTextBytesMax);
    windowBytes_ = announced(welcome.chunkMax, limits::kChunkBytesMax);
    fileBytesMax_ = welcome.fileMax;
    if (anew) pending_.beganAnew();
    std::vector<std::string> left;
    for (Room& room : rooms_) {
        if (anew && room.last) room.last = 0;
        if (anew) room.read.clear();
        const bool leaving = room.state == Room::State::Leaving;
        if (leaving && !owes(room.name)) {
            left.push_back(room.name);
            continue;
        }
        if (leaving) room.state = Room::State::Returning;
        sendJoin(room);
    }
    for (const std::string& room : left) eraseRoom(room);
    sendQuestions();
    sendDue();
    emit(event::Connected{.nick = welcome.nick,
                          .text = anew        ? kBeganAnew
                                  : forgotten ? kForgotten
                                              : "",
                          .durability = welcome.durability,
                          .user = welcome.user,
                          .again = again,
                          .anew = anew});
    if (forgotten) tellForgotten(unsure);
    const bool keeps = welcome.guest == 0 && welcome.durability != kForgetful;
    if (guest_ && keeps && !again) emit(event::Notice{.text = kNoGuests});
    sink_.onOpen();
    leaveReturned();
    for (const std::string& room : left) emit(event::Left{.room = room});
    advance();
}

// What the server had of it, it has as another user's: said again, it might be there twice.
void V2Session::tellForgotten(const std::vector<Said>& unsure) {
    for (const Said& said : unsure) {
        const bool tell = said.kind == Said::Kind::Tell;
        emit(event::Refused{
            .room = tell ? std::string_view() : said.where,
            .nick = tell ? said.where : std::string_view(),
            .id = said.id,
            .text = "the server no longer knows this user; this message may not have arrived: " +
                    said.text.substr(0, kQuotedBytes),
            .code = "unsure",
            .re = tell ? "tell" : "say"});
    }
    sink_.onForgotten();
}

Result<std::vector<v2::Member>> V2Session::membersOf(std::string_view lines) const {
    std::vector<v2::Member> members;
    auto status = v2::decodeLines<v2::Member>(
        lines, [&](const v2::Member& member) { members.push_back(member); });
    if (!status) return status.error();
    return members;
}

void V2Session::takeJoined(const v2::Joined& joined) {
    Room* room = findRoom(joined.room);
    if (room == nullptr) return;
    auto members = membersOf(joined.roster);
    if (!members) return fail(members.error());
    room->liveAfter = joined.seq;
    // Its user has left it.
    if (room->state == Room::State::Leaving || room->state == Room::State::Returning) return;
    room->state = Room::State::Joined;
    room->asked = false;
    goBack(*room, joined);
    sendDue();
    emit(event::Joined{
        .room = joined.room, .seq = joined.seq, .members = joined.members, .roster = *members});
    sink_.onRoomReady(joined.room);
    advance();
}

// To the last entry that the log and what was told of it have in common. A log that says nothing of
// it, and is shorter than what was told, is another one all the same.
void V2Session::goBack(Room& room, const v2::Joined& joined) {
    const uint64_t before = room.last.value_or(joined.seq);
    const uint64_t common = std::min({before, joined.seq, joined.common.value_or(before)});
    const bool chosen = std::exchange(room.chosen, false);
    room.last = common;
    cutAt(room.read, common);
    if (isLogIdentity(joined.log)) {
        moveTo(room.read, joined.log, common);
    } else {
        room.read.clear();
    }
    if (common == before || chosen) return;
    const std::string text = "the server's log of " + std::string(joined.room) +
                             " was restored or lost its end; reading again from message " +
                             std::to_string(common + 1);
    emit(event::LogChanged{.room = joined.room, .text = text, .common = common, .last = before});
}

void V2Session::takeLeft(const v2::Left& left) {
    const Room* room = findRoom(left.room);
    // One that is being joined stays: what answers that follows.
    if (room == nullptr || room->state == Room::State::Joining) return;
    eraseRoom(left.room);
    emit(event::Left{.room = left.room, .text = left.reason});
    advance();
}

void V2Session::takePresence(const v2::Presence& presence) {
    emit(event::Presence{.room = presence.room,
                         .nick = presence.nick,
                         .was = presence.was,
                         .state = presence.state,
                         .user = presence.user,
                         .own = isOwn(presence.user)});
}

void V2Session::takeNamed(const v2::Named& named) {
    nick_ = named.nick;
    pending_.answered(v2::Nick::kVerb, {});
    emit(event::Named{.nick = named.nick});
}

// ---- the rooms' logs

// Whether it is of what waited for that.
bool V2Session::acknowledge(uint64_t user, std::string_view id) {
    return isOwn(user) && !id.empty() && unacked_.remove(id);
}

// Whether an entry is to be told: it is of a room of ours and was not told before.
bool V2Session::isNext(std::string_view name, uint64_t seq, bool& history) {
    Room* room = findRoom(name);
    if (room == nullptr || room->state == Room::State::Leaving ||
        room->state == Room::State::Returning) {
        return false;
    }
    if (!room->last || seq <= *room->last) return false;
    room->last = seq;
    history = seq <= room->liveAfter;
    return true;
}

event::Message V2Session::eventOf(const v2::Msg& msg) const {
    return {.room = msg.room,
            .from = msg.from,
            .id = msg.id,
            .text = msg.text,
            .user = msg.user,
            .seq = msg.seq,
            .time = msg.time,
            .own = isOwn(msg.user)};
}

event::File V2Session::eventOf(const v2::File& file) const {
    return {.room = file.room,
            .from = file.from,
            .id = file.id,
            .name = file.name,
            .folder = file.folder,
            .sha256 = file.sha256,
            .user = file.user,
            .seq = file.seq,
            .size = file.size,
            .time = file.time,
            .mtime = file.mtime,
            .own = isOwn(file.user)};
}

void V2Session::takeMsg(const v2::Msg& msg) {
    const bool due = acknowledge(msg.user, msg.id);
    event::Message event = eventOf(msg);
    // One that is told again answers a resend, out of the log's order: it only acknowledges.
    const bool next = msg.again == 0 && isNext(msg.room, msg.seq, event.history);
    if (next || (everyEntry_ && msg.again == 0)) return emit(event);
    if (due) {
        emit(event::Confirmed{.room = msg.room, .id = msg.id, .seq = msg.seq});
    }
}

void V2Session::takeFile(const v2::File& file) {
    if (auto status = checkSha256(file.sha256); !status) return fail(status.error());
    event::File event = eventOf(file);
    if (event.own && !file.id.empty()) sink_.onUploaded(file.id);
    if (file.again != 0) return;
    const bool next = isNext(file.room, file.seq, event.history);
    const bool announced = next && !event.own;
    if (announced) sink_.onAnnouncing(event);
    if (next || everyEntry_) emit(event);
    if (announced) sink_.onAnnounced(event);
}

void V2Session::takePage(const v2::Page& page) {
    pending_.answered(v2::History::kVerb, page.room);
    emit(event::HistoryPage{
        .room = page.room, .first = page.first, .last = page.last, .more = page.more != 0});
    if (tellEntries(page.room, page.frames)) {
        emit(event::HistoryEnd{.room = page.room, .more = page.more != 0});
    }
    advance();
}

void V2Session::takeFound(const v2::Found& found) {
    const auto asked = pending_.answered(v2::Search::kVerb, found.room);
    const std::string words = asked ? asked->words : std::string();
    emit(event::SearchPage{.room = found.room,
                           .text = words,
                           .first = found.first,
                           .last = found.last,
                           .more = found.more != 0});
    if (tellEntries(found.room, found.frames)) {
        emit(event::SearchEnd{.room = found.room, .more = found.more != 0});
    }
    advance();
}

// False: the connection is over.
bool V2Session::tellEntries(std::string_view room, std::string_view frames) {
    FieldReader reader(limits::kHeaderWidth);
    reader.feed(frames);
    std::string_view payload;
    size_t used = 0;
    while (state_ != State::Idle &&
           reader.takeField(limits::kFrameBytesMax, payload) == FieldReader::State::Ready) {
        used += limits::kHeaderWidth + payload.size();
        if (auto status = takePageEntry(room, payload); !status) return fail(status.error()), false;
    }
    if (state_ == State::Idle) return false;
    if (used == frames.size()) return true;
    fail({ErrorCode::BadHeader, "a page of history must consist of whole frames"});
    return false;
}

Status V2Session::takePageEntry(std::string_view room, std::string_view payload) {
    const auto frame = parseFrame(payload);
    if (!frame) return frame.error();
    if (frame->verb == v2::Msg::kVerb) {
        const auto msg = v2::decode<v2::Msg>(*frame);
        if (!msg) return msg.error();
        acknowledge(msg->user, msg->id);
        return emitPageEntry(room, eventOf(*msg));
    }
    if (frame->verb == v2::File::kVerb) {
        const auto file = v2::decode<v2::File>(*frame);
        if (!file) return file.error();
        if (auto status = checkSha256(file->sha256); !status) return status.error();
        return emitPageEntry(room, eventOf(*file));
    }
    return Error{ErrorCode::BadVerb, "a page of history holds msg and file frames only"};
}

template <class Entry>
Status V2Session::emitPageEntry(std::string_view room, Entry entry) {
    if (entry.room != room) return Error{ErrorCode::BadRoom, "a page holds another room's entry"};
    entry.history = true;
    emit(entry);
    return Ok{};
}

void V2Session::takeGap(const v2::Gap& gap) {
    Room* room = findRoom(gap.room);
    // One beyond what comes next is of a page that was asked for: what is before it is still due.
    const bool next = room != nullptr && room->last && gap.from <= *room->last + 1;
    if (next) room->last = std::max(*room->last, gap.to);
    // One that was left and is there only for what is to be said again tells nothing.
    const bool left = room != nullptr && (room->state == Room::State::Leaving ||
                                          room->state == Room::State::Returning);
    // Something of ours may have been in it: the server knows, and answers what is said again. What
    // was there before a first join holds no answer to what was said after it.
    const bool ours = room == nullptr || room->rejoined || gap.to > room->liveAfter;
    if (ours) unacked_.sayAgainIn(gap.room);
    sendDue();
    const bool fileDue = ours && sink_.awaitsEntry(gap.room);
    if (!left) emit(event::Gap{.room = gap.room, .first = gap.from, .last = gap.to});
    if (fileDue) beginAnew();
}

// With the next connection everything is asked again that has no answer. Who is leaving has asked
// for the end of this one, and a later run asks.
void V2Session::beginAnew() {
    if (state_ == State::Open) disconnected("lost", kAnswerTaken);
}

void V2Session::takeTell(const v2::Tell& tell) {
    acknowledge(tell.user, tell.id);
    emit(event::Private{.from = tell.from,
                        .to = tell.to,
                        .id = tell.id,
                        .text = tell.text,
                        .user = tell.user,
                        .time = tell.time,
                        .own = isOwn(tell.user)});
}

// ---- transfers

void V2Session::takeAccept(const v2::Accept& accept) {
    sink_.onAccepted(accept.id, accept.transfer, accept.at);
}

void V2Session::takeStored(const v2::Stored& stored) {
    sink_.onStored(stored.transfer, stored.off);
}

void V2Session::takeData(const v2::Data& data) {
    if (auto status = checkSha256(data.sha256); !status) return fail(status.error());
    sink_.onChunk(data.sha256, data.off, data.bytes);
}

void V2Session::takeVerified(const v2::Verified& verified) {
    sink_.onVerified(verified.sha256);
}

// ---- answers

void V2Session::takeRoster(const v2::Roster& roster) {
    auto members = membersOf(roster.lines);
    if (!members) return fail(members.error());
    const bool more = roster.more != 0 && !members->empty();
    if (more) {
        askForRest(roster, members->back().user);
    } else {
        pending_.answered(v2::Who::kVerb, roster.room);
    }
    if (state_ == State::Idle) return;
    emit(event::Roster{
        .room = roster.room, .members = roster.members, .more = more, .roster = *members});
    advance();
}

// A server tells the roster also unasked, of a room of ours.
void V2Session::askForRest(const v2::Roster& roster, uint64_t after) {
    const std::string rest = v2::encoded(v2::Who{.room = roster.room, .after = after});
    const bool asked = pending_.goOn(v2::Who::kVerb, roster.room, rest);
    if (!asked) {
        if (!findRoom(roster.room) || pending_.isAsked(v2::Who::kVerb, roster.room)) return;
        pending_.ask(v2::Who::kVerb, roster.room, {}, rest);
    }
    if (mayAnswer()) sendQuestions();
}

void V2Session::takeRoomList(const v2::RoomList& list) {
    std::vector<v2::RoomLine> lines;
    auto status = v2::decodeLines<v2::RoomLine>(
        list.lines, [&](const v2::RoomLine& line) { lines.push_back(line); });
    if (!status) return fail(status.error());
    pending_.answered(v2::Rooms::kVerb, {});
    emit(event::RoomList{.rooms = lines});
    advance();
}

void V2Session::takePing(const v2::Ping& ping) {
    if (mayAnswer()) v2::encode(out_.tail(), v2::Pong{.token = ping.token});
}

// A server that asks and does not read would have us keep all the answers.
bool V2Session::mayAnswer() {
    if (state_ == State::Leaving) return false;
    if (out_.unsent().size() <= limits::kOutboxBytesMax) return true;
    fail({ErrorCode::TooMany, "it sends requests without reading the replies"});
    return false;
}

void V2Session::takePong(const v2::Pong& pong) {
    const auto found = std::find_if(pings_.begin(), pings_.end(),
                                    [&](const Ping& ping) { return ping.token == pong.token; });
    if (found == pings_.end()) return;
    const int64_t rttMs = nowMs_ - found->sentMs;
    pings_.erase(found);
    pending_.answered(v2::Ping::kVerb, pong.token);
    emit(event::Pong{.token = pong.token, .rttMs = rttMs});
}

void V2Session::takeDone(const v2::Done& done) {
    pending_.answered(v2::Op::kVerb, {});
    emit(event::Notice{.text = done.text, .re = v2::Op::kVerb});
    advance();
}

void V2Session::takeNotice(const v2::Notice& notice) {
    emit(event::Notice{.text = notice.text});
}

void V2Session::takeBye(const v2::Bye& bye) {
    if (state_ == State::Leaving) return disconnected("", bye.reason);
    disconnected(errorName(ErrorCode::Closing),
                 bye.reason.empty() ? "the server is shutting down" : bye.reason);
}

// ---- refusals

void V2Session::takeFailure(const v2::Failure& failure) {
    // An end without a code would look like one that this side asked for.
    LastWords words{std::string(failure.code), std::string(failure.text)};
    if (words.code.empty()) words.code = errorName(ErrorCode::Internal);
    if (words.text.empty()) words.text = words.code;
    if (state_ == State::Greeting) return disconnected(words.code, words.text);
    // What answers a request does not end a connection; a fault without one does.
    if (failure.re.empty()) lastWords_ = std::move(words);
    pending_.refused(failure.re, failure.room, failure.nick);
    const event::Refused event{.room = failure.room,
                               .nick = failure.nick,
                               .id = failure.id,
                               .text = failure.text,
                               .sha256 = failure.sha256,
                               .code = failure.code,
                               .re = failure.re};
    const auto refusal = unacked_.refused(failure.id);
    if (refusal == UnackedQueue::Refusal::Unclear) return beginAnew();
    if (refusal == UnackedQueue::Refusal::Early) return;
    const bool said = !failure.id.empty() && unacked_.remove(failure.id);
    takeRefusedRoom(failure);
    const bool download = failure.re == v2::Get::kVerb || failure.re == v2::Verify::kVerb;
    if (download && sink_.onDownloadRefused(event)) return;
    if (!said && sink_.onUploadRefused(event, failure.transfer)) return;
    emit(event);
    advance();
}

// A room that was not joined is none of ours; what was said there is sent, to be refused by name.
void V2Session::takeRefusedRoom(const v2::Failure& failure) {
    const Room* room = findRoom(failure.room);
    if (room == nullptr) return;
    const bool join = failure.re == v2::Join::kVerb && room->state == Room::State::Joining;
    const bool leave = failure.re == v2::Leave::kVerb && room->state == Room::State::Leaving;
    if (!join && !leave) return;
    eraseRoom(failure.room);
    sendDue();
    if (join) sink_.onRoomReady(failure.room);
}

}  // namespace netchat::client

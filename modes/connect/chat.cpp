#include "modes/connect/chat.h"

#include <algorithm>

#include "modes/net/clock.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using client::Event;
using client::EventKind;

// What may be under way before more input is read: enough to fill a fast line, little to hold.
constexpr size_t kUnacknowledgedMax = 256;
constexpr size_t kBytesUnderWayMax = 4 * limits::kMiB;

std::string inQuotes(std::string_view text) {
    return "'" + forLog(text) + "'";
}

}  // namespace

Chat::Chat(net::EventLoop& loop, Options options, View& view, Input& input)
    : loop_(loop),
      options_(std::move(options)),
      view_(view),
      input_(input),
      client_(loop, options_.client, *this) {
}

Chat::~Chat() {
    loop_.onTurnEnd({});
}

void Chat::start() {
    loop_.onTurnEnd([this] { onTurnEnd(); });
    client_.start();
    client_.join(options_.room, options_.since.joinSince());
}

Chat::Outcome Chat::outcome() const {
    return outcome_;
}

std::string Chat::server() const {
    const auto& where = options_.client.server;
    const bool v6 = where.host.find(':') != std::string::npos;
    return forLog(v6 ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
}

// ---- what comes

void Chat::onEvent(const Event& event) {
    switch (event.kind) {
        case EventKind::Connected:
            connected(event);
            break;
        case EventKind::Joined:
            entered(event);
            break;
        case EventKind::File:
            files_.announced(event,
                             !event.history && event.size <= options_.client.autoDownloadBytes);
            break;
        case EventKind::FileReceived:
            files_.changed(event, KnownFile::State::Received);
            break;
        case EventKind::Pong:
            pongDue_ = false;
            break;
        default:
            break;
    }
    remember(event);
    view_.show(event, {.room = room_,
                       .user = user_,
                       .autoDownloadBytes = options_.client.autoDownloadBytes,
                       .nowMs = net::wallMs()});
    // What has its own line of status comes after the event itself.
    switch (event.kind) {
        case EventKind::Left:
            left(event);
            break;
        case EventKind::FileFailed:
            fileFailed(event);
            break;
        case EventKind::Uploaded:
            // A classic server does not show its sender what was sent.
            if (options_.client.classic) note("sent " + forLog(event.name));
            break;
        case EventKind::Refused:
            refused(event);
            break;
        case EventKind::Disconnected:
            disconnected(event);
            break;
        case EventKind::Reconnecting:
            reconnecting(event);
            break;
        case EventKind::HistoryPage:
        case EventKind::SearchPage:
            paged(event);
            break;
        default:
            break;
    }
}

void Chat::connected(const Event& event) {
    user_ = event.user;
    note((connectedOnce_ ? "connected again to " : "connected to ") + server() + " as " +
         forLog(event.nick) +
         (options_.atTerminal && !connectedOnce_ ? "; !help lists the commands" : ""));
    connectedOnce_ = true;
    if (!event.text.empty()) trouble(forLog(event.text, 700));
}

// How often it was tried in vain says nothing that its success will not.
void Chat::reconnecting(const Event& event) {
    if (event.attempt != 1) return;
    const std::string why = forLog(event.text.empty() ? event.code : event.text, 700);
    trouble((connectedOnce_ ? "lost the server " : "cannot connect to ") + server() + ": " + why +
            "; trying again");
}

// It is written when it was shown, at the end of the turn.
void Chat::remember(const Event& event) {
    if (!options_.memory) return;
    client::StateFile& memory = *options_.memory;
    if (client::StateFile::concerns(event)) memory.follow(event, client_.state());
    if (memory.counts(event)) memory.seen(event.room, event.seq);
}

void Chat::entered(const Event& event) {
    moving_ = false;
    // After a loss all rooms are entered again, and none of them comes to the front by that.
    if (std::find(rooms_.begin(), rooms_.end(), event.room) != rooms_.end()) return;
    rooms_.emplace_back(event.room);
    room_ = event.room;
    if (options_.historyEntries > 0 && event.seq > 0 && !options_.client.classic &&
        options_.since.from == client::Since::From::Now) {
        client_.history(room_, event.seq + 1, options_.historyEntries);
    }
    if (state_ != State::Entering) return;
    state_ = State::Talking;
    input_.setPaused(!mayRead());
    input_.start(*this);
}

void Chat::left(const Event& event) {
    moving_ = false;
    std::erase(rooms_, event.room);
    if (room_ != event.room) return;
    room_ = rooms_.empty() ? "" : rooms_.back();
    note(room_.empty() ? "you are in no room; !join ROOM enters one"
                       : "you talk in " + forLog(room_) + " now");
}

void Chat::refused(const Event& event) {
    // An error with a text of its own says it best; the others are named.
    const std::string why = forLog(event.text.empty() ? event.code : event.text, 700);
    if (state_ == State::Entering && event.re == "join") {
        trouble("cannot enter the room " + inQuotes(options_.room) + ": " + why);
        outcome_ = Outcome::NoServer;
        return over();
    }
    if (event.re == "ping") return;
    if (event.re == "join" || event.re == "leave") moving_ = false;
    if (event.re == "offer" || event.re == "get" || event.re == "data") {
        outcome_ = Outcome::FileFailed;
        const std::string name = event.name.empty() ? "a file" : forLog(event.name);
        return trouble(name + " was refused: " + why);
    }
    wrongInput(why);
}

void Chat::fileFailed(const Event& event) {
    files_.changed(event, KnownFile::State::Failed);
    outcome_ = Outcome::FileFailed;
    trouble(forLog(event.name) +
            " was not received: " + forLog(event.text.empty() ? event.code : event.text, 700));
}

void Chat::disconnected(const Event& event) {
    if (state_ == State::Over) return;
    if (state_ == State::Closing && event.code.empty()) return over();
    const std::string why = forLog(event.text.empty() ? event.code : event.text, 700);
    if (event.code == errorName(ErrorCode::NickInUse)) {
        trouble(inQuotes(options_.client.nick) + " is taken: " + why + " (--nick NAME)");
    } else if (event.code == errorName(ErrorCode::BadNick)) {
        trouble(why + "; choose one with --nick NAME");
    } else if (connectedOnce_) {
        const size_t lost = client_.unacknowledged();
        trouble("lost the server " + server() + ": " + why +
                (lost == 0 ? "" : "; " + std::to_string(lost) + " of yours may not have arrived"));
    } else {
        trouble(event.code == "unreachable" ? why : "cannot connect to " + server() + ": " + why);
    }
    outcome_ = Outcome::NoServer;
    over();
}

// ---- what is typed

void Chat::onLine(std::string_view line) {
    if (state_ != State::Talking) return;
    obey(parseLine(line));
    input_.setPaused(!mayRead());
}

void Chat::onLongLine() {
    wrongInput("a line of more than " + std::to_string(limits::kTextBytesMax) +
               " bytes was not sent; drop it as a file with !upload FILE");
}

void Chat::onInputEnd() {
    if (state_ == State::Talking) finish(State::Finishing);
}

void Chat::obey(const Command& command) {
    switch (command.verb) {
        case Verb::Nothing:
            return;
        case Verb::Say:
            return say(command.text);
        case Verb::Help:
            return view_.showHelp();
        case Verb::Exit:
            return finish(State::Leaving);
        case Verb::Upload:
            return upload(command.argument);
        case Verb::Files:
            return view_.showFiles(files_.all());
        case Verb::Get:
            return get(command.argument);
        case Verb::Who:
            return inRoom(command.argument, &Chat::who);
        case Verb::Msg:
            return tell(command.argument, command.text);
        case Verb::Join:
            return join(command.argument);
        case Verb::Leave:
            return inRoom(command.argument, &Chat::leave);
        case Verb::Nick:
            return client_.nick(command.argument);
        case Verb::Rooms:
            return client_.rooms();
        case Verb::History:
            return history(command.count);
        case Verb::Search:
            return search(command.text);
        case Verb::Operate:
            return client_.op(command.act, command.argument, command.count, command.text);
        case Verb::Wrong:
            return wrongInput(command.text);
    }
}

void Chat::say(const std::string& text) {
    if (!isText(text)) return;
    if (room_.empty()) return wrongInput("not said: you are in no room; !join ROOM enters one");
    client_.say(room_, text);
    sizesUnderWay_.push_back(text.size());
    bytesUnderWay_ += text.size();
}

void Chat::tell(const std::string& nick, const std::string& text) {
    if (!isText(text)) return;
    client_.tell(nick, text);
    sizesUnderWay_.push_back(text.size());
    bytesUnderWay_ += text.size();
}

bool Chat::isText(std::string_view text) {
    if (utf8::isValid(text)) return true;
    wrongInput("a line that is not valid UTF-8 was not sent: " + inQuotes(text));
    return false;
}

void Chat::upload(const std::string& path) {
    if (room_.empty()) return wrongInput("not sent: you are in no room; !join ROOM enters one");
    const auto id = client_.upload(room_, withHome(path, options_.home));
    if (id) return;
    outcome_ = Outcome::FileFailed;
    trouble("not sent: " + id.error().text);
}

void Chat::get(const std::string& which) {
    KnownFile* file = files_.find(which);
    if (!file) return wrongInput("there is no file " + inQuotes(which) + "; !files lists them");
    if (file->state == KnownFile::State::Wanted) {
        return note(forLog(file->name) + " is on its way already");
    }
    file->state = KnownFile::State::Wanted;
    client_.get(file->sha256, file->name, file->size);
}

// What is shown of a page; the next one goes on before it.
void Chat::paged(const Event& event) {
    const bool search = event.kind == EventKind::SearchPage;
    Page& page = search ? search_.page : pages_[std::string(event.room)];
    if (event.first != 0) page.first = event.first;
    page.more = event.more;
}

// Each goes further back; after the beginning of the room, from its end again.
void Chat::history(unsigned count) {
    if (room_.empty()) return wrongInput("you are in no room; !join ROOM enters one");
    Page& page = pages_[room_];
    if (page.first == 0 || page.more) return client_.history(room_, page.first, count);
    page = {};
    note("there is nothing before that; !history begins at the end again");
}

void Chat::search(const std::string& words) {
    if (room_.empty()) return wrongInput("you are in no room; !join ROOM enters one");
    if (!words.empty()) {
        search_ = {room_, words, {}};
    } else if (search_.words.empty()) {
        return wrongInput("it is used as: !search WORDS");
    } else if (!search_.page.more) {
        return note("nothing older was found");
    }
    if (!isText(search_.words)) return;
    client_.search(search_.room, search_.words, search_.page.first);
}

void Chat::join(const std::string& room) {
    const bool inside = std::find(rooms_.begin(), rooms_.end(), room) != rooms_.end();
    if (!inside) {
        moving_ = true;
        return client_.join(room);
    }
    std::erase(rooms_, room);
    rooms_.push_back(room);
    room_ = room;
    note("you talk in " + forLog(room) + " now");
}

void Chat::leave(const std::string& room) {
    const bool inside = std::find(rooms_.begin(), rooms_.end(), room) != rooms_.end();
    if (!inside) return wrongInput("you are not in the room " + inQuotes(room));
    moving_ = true;
    client_.leave(room);
}

void Chat::inRoom(const std::string& room, void (Chat::*act)(const std::string& room)) {
    const std::string where = room.empty() ? room_ : room;
    if (where.empty()) return wrongInput("you are in no room; !join ROOM enters one");
    (this->*act)(where);
}

void Chat::wrongInput(const std::string& text) {
    if (outcome_ == Outcome::Done) outcome_ = Outcome::Incomplete;
    trouble(text);
}

// ---- the end

void Chat::finish(State state) {
    state_ = state;
    input_.setPaused(true);
    if (options_.client.classic) return;
    client_.ping();
    pongDue_ = true;
}

void Chat::closeIfDone() {
    const bool finished = state_ == State::Finishing && client_.idle();
    const bool leaving = state_ == State::Leaving && client_.unacknowledged() == 0;
    if ((!finished && !leaving) || pongDue_) return;
    state_ = State::Closing;
    client_.bye();
}

void Chat::over() {
    state_ = State::Over;
    input_.setPaused(true);
    loop_.stop();
}

// What is acknowledged is the oldest, near enough: it is a bound, not an account.
bool Chat::mayRead() {
    const size_t unacknowledged = client_.unacknowledged();
    while (sizesUnderWay_.size() > unacknowledged) {
        bytesUnderWay_ -= sizesUnderWay_.front();
        sizesUnderWay_.pop_front();
    }
    return state_ == State::Talking && !moving_ && unacknowledged < kUnacknowledgedMax &&
           bytesUnderWay_ < kBytesUnderWayMax;
}

void Chat::onTurnEnd() {
    if (state_ == State::Talking) input_.setPaused(!mayRead());
    closeIfDone();
    const Sight sight = view_.flush();
    if (options_.memory) {
        if (const Status saved = options_.memory->save(); !saved) trouble(saved.error().text);
    }
    if (sight == sight_) return;
    sight_ = sight;
    if (sight == Sight::Failed) wrongInput("stdout cannot be written");
    // What was said is finished, with or without a reader.
    if (state_ == State::Talking) finish(State::Leaving);
}

}  // namespace netchat::connect

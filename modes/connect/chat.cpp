#include "modes/connect/chat.h"

#include <algorithm>
#include <utility>

#include "modes/client/upload_plan.h"
#include "modes/connect/wording.h"
#include "modes/net/clock.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using client::Event;
namespace event = client::event;

// What may be under way before more input is read: enough to fill a fast line, little to hold.
constexpr size_t kUnacknowledgedMax = 256;
constexpr size_t kBytesUnderWayMax = 4 * limits::kMiB;
// More than anybody ignores by hand; a bound for who is followed from nick to nick.
constexpr size_t kIgnoredMax = 1000;

}  // namespace

Chat::Chat(net::EventLoop& loop, Options options, View& view, Input& input)
    : loop_(loop),
      options_(std::move(options)),
      view_(view),
      input_(input),
      client_(loop, options_.client, *this) {
    if (options_.memory) files_.restore(options_.memory->files());
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

// ---- what comes

void Chat::onEvent(const Event& event) {
    meet(event);
    const bool hidden = isHidden(event);
    if (!hidden) beforeShown(event);
    // It is written when it was shown, at the end of the turn.
    client::remember(options_.memory.get(), event, client_);
    if (hidden) return;
    view_.show(
        event,
        {.room = room_, .user = user_, .commands = options_.commands, .nowMs = net::wallMs()});
    afterShown(event);
}

void Chat::beforeShown(const Event& event) {
    std::visit(client::Overloaded{
                   [this](const event::Connected& one) { connected(one); },
                   [this](const event::Presence& one) { followIgnored(one); },
                   [this](const event::Joined& one) { entered(one); },
                   [this](const event::File& one) { files_.announced(one, one.fetching); },
                   [this](const event::FileReceived& one) {
                       files_.changed(one.sha256, one.name, KnownFile::State::Received);
                       tellDownloads();
                   },
                   [this](const event::Pong&) { pongDue_ = false; },
                   client::IgnoreOthers{},
               },
               event);
}

// What has its own line of status comes after the event itself.
void Chat::afterShown(const Event& event) {
    std::visit(
        client::Overloaded{
            [this](const event::Left& one) { left(one); },
            [this](const event::FileFailed& one) { fileFailed(one); },
            [this](const event::Uploaded& one) {
                // A classic server does not show its sender what was sent.
                if (options_.client.classic) note("sent " + forLog(one.name));
            },
            [this](const event::Refused& one) { refused(one); },
            [this](const event::Disconnected& one) { disconnected(one); },
            [this](const event::Reconnecting& one) { reconnecting(one); },
            [this](const event::HistoryPage& one) {
                pages_[std::string(one.room)].shown(one.first, one.more);
            },
            [this](const event::SearchPage& one) { search_.page.shown(one.first, one.more); },
            client::IgnoreOthers{},
        },
        event);
}

void Chat::connected(const event::Connected& connected) {
    user_ = connected.user;
    note((connectedOnce_ ? "connected again to " : "connected to ") +
         serverText(options_.client.server) + " as " + forLog(connected.nick) +
         (options_.atTerminal && !connectedOnce_ ? "; !help lists the commands" : ""));
    connectedOnce_ = true;
    if (!connected.text.empty()) trouble(forLog(connected.text, 700));
}

// How often it was tried in vain says nothing that its success will not.
void Chat::reconnecting(const event::Reconnecting& away) {
    if (away.attempt != 1) return;
    trouble(awayText(away, serverText(options_.client.server), connectedOnce_));
}

void Chat::entered(const event::Joined& joined) {
    moving_ = false;
    // After a loss all rooms are entered again, and none of them comes to the front by that.
    if (std::find(rooms_.begin(), rooms_.end(), joined.room) != rooms_.end()) return;
    rooms_.emplace_back(joined.room);
    room_ = joined.room;
    if (options_.historyEntries > 0 && joined.seq > 0 && !options_.client.classic &&
        options_.since.from == client::Since::From::Now) {
        client_.history(room_, joined.seq + 1, options_.historyEntries);
    }
    if (state_ != State::Entering) return;
    state_ = State::Talking;
    input_.setPaused(!mayRead());
    input_.start(*this);
    if (unread_) readerGone();
}

void Chat::left(const event::Left& left) {
    moving_ = false;
    std::erase(rooms_, left.room);
    if (room_ != left.room) return;
    room_ = rooms_.empty() ? "" : rooms_.back();
    note(room_.empty() ? "you are in no room; !join ROOM joins one"
                       : "you talk in " + forLog(room_) + " now");
}

void Chat::refused(const event::Refused& refused) {
    if (state_ == State::Entering && refused.re == "join") {
        trouble(noEntryText(refused, options_.room));
        outcome_ = Outcome::NoServer;
        return over();
    }
    if (refused.re == "ping") return;
    // A server that reads more slowly takes everything all the same.
    const bool slowed = refused.code == errorName(ErrorCode::TooFast) && refused.re.empty();
    if (slowed) return note(forLog(refused.text, 300));
    if (refused.re == "join" || refused.re == "leave") moving_ = false;
    if (refused.code == client::kCancelled) return tellCancelled(refused.upload, refused.name);
    if (refused.re == "offer" || refused.re == "get" || refused.re == "data") {
        outcome_ = Outcome::FileFailed;
        return trouble(refusalText(refused));
    }
    wrongInput(refusalText(refused));
}

// What was wanted is no failure.
void Chat::tellCancelled(bool upload, std::string_view name) {
    note((upload ? "sending " : "receiving ") + forLog(name) + " was cancelled");
}

void Chat::fileFailed(const event::FileFailed& failed) {
    const bool wanted = failed.code == client::kCancelled;
    files_.changed(failed.sha256, failed.name,
                   wanted ? KnownFile::State::Offered : KnownFile::State::Failed);
    if (wanted) return tellCancelled(false, failed.name);
    outcome_ = Outcome::FileFailed;
    trouble(forLog(failed.name) + " was not received: " + reasonText(failed));
}

void Chat::disconnected(const event::Disconnected& ended) {
    if (state_ == State::Over) return;
    if (state_ == State::Closing && ended.code.empty()) return over();
    trouble(endText(ended, serverText(options_.client.server), options_.client.nick, connectedOnce_,
                    client_.unacknowledged()));
    outcome_ = Outcome::NoServer;
    over();
}

// ---- what is typed

void Chat::onLine(std::string_view line) {
    if (state_ != State::Talking) return;
    obey(read(line));
    input_.setPaused(!mayRead());
}

// Whoever thought it a command learns that it was none.
void Chat::onPasted(std::string_view text) {
    if (state_ != State::Talking) return;
    const bool likeCommand = TypedLine().read(text).verb != Verb::Say;
    if (!text.empty()) obey({.verb = Verb::Say, .text = std::string(text)});
    if (likeCommand) note("pasted: sent as text");
    input_.setPaused(!mayRead());
}

Command Chat::read(std::string_view line) {
    if (options_.commands) return options_.atTerminal ? typed_.read(line) : parseLine(line);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return {};
    tellNotObeyed(line);
    return {.verb = Verb::Say, .text = std::string(line)};
}

// Whoever wrote a script for commands learns why they are said.
void Chat::tellNotObeyed(std::string_view line) {
    if (toldNotObeyed_ || !line.starts_with('!')) return;
    const std::string_view name = line.substr(1, line.find(' ') - 1);
    if (!isCommand(name)) return;
    toldNotObeyed_ = true;
    note("'!" + std::string(name) + "' is sent as text: commands in a pipe need --commands");
}

void Chat::tellDownloads() {
    if (!options_.tellsDownloads || std::exchange(toldDownloads_, true)) return;
    note("files are saved in " + forLog(options_.client.downloads.native(), 200));
}

void Chat::onLongLine() {
    wrongInput("a line of more than " + std::to_string(limits::kTextBytesMax) +
               " bytes was not sent; send it as a file with " +
               (options_.commands ? "!upload FILE" : "netchat bot --upload FILE"));
}

void Chat::onInputEnd() {
    if (state_ == State::Talking) finish(State::Finishing);
}

void Chat::onInputFailed(const std::string& why) {
    wrongInput("stdin cannot be read: " + why);
    onInputEnd();
}

void Chat::obey(const Command& command) {
    switch (command.verb) {
        case Verb::Nothing:
            return;
        case Verb::Say:
            return say(command.text);
        case Verb::Me:
            return say(actionText(client_.nickName(), command.text));
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
        case Verb::Transfers:
            return showTransfers();
        case Verb::Cancel:
            return cancel(command.argument);
        case Verb::Ignore:
            return ignore(command.argument);
        case Verb::Unignore:
            return unignore(command.argument);
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
        case Verb::Roster:
        case Verb::Close:
        case Verb::Room:
        case Verb::Preview:
        case Verb::Reconnect:
        case Verb::Quiet:
        case Verb::Set:
        case Verb::Unset:
            return wrongInput(screenOnlyText(command.verb));
        case Verb::Ask:
        case Verb::Wrong:
            return wrongInput(command.text);
    }
}

void Chat::say(const std::string& text) {
    if (!isText(text)) return;
    if (room_.empty()) return wrongInput("not sent: you are in no room; !join ROOM joins one");
    client_.say(room_, text);
    sizesUnderWay_.push_back(text.size());
    bytesUnderWay_ += text.size();
}

void Chat::tell(const std::string& typed, const std::string& text) {
    if (text.empty()) return wrongInput(usageText(Verb::Msg));
    if (!isText(text)) return;
    const std::string known = spelled(typed);
    client_.tell(known.empty() ? typed : known, text);
    sizesUnderWay_.push_back(text.size());
    bytesUnderWay_ += text.size();
}

bool Chat::isText(std::string_view text) {
    if (utf8::isValid(text)) return true;
    wrongInput("a line that is not valid UTF-8 was not sent: " + inQuotes(text));
    return false;
}

void Chat::upload(const std::string& paths) {
    if (room_.empty()) return wrongInput("not sent: you are in no room; !join ROOM joins one");
    client::UploadPlan plan = client::planUploads(paths, options_.home);
    for (const client::PlannedUpload& file : plan.files) {
        const auto id = client_.upload(room_, file.path, {}, {.folder = file.folder});
        if (!id) plan.errors.push_back(id.error().text);
    }
    for (const std::string& error : plan.errors) {
        outcome_ = Outcome::FileFailed;
        trouble("not sent: " + error);
    }
    if (!plan.leftOut.empty()) note(plan.leftOut);
}

void Chat::get(const std::string& which) {
    KnownFile* file = files_.find(which);
    if (!file) return wrongInput("there is no file " + inQuotes(which) + "; !files lists them");
    if (file->state == KnownFile::State::Wanted) {
        return note(forLog(file->name) + " is already being transferred");
    }
    file->state = KnownFile::State::Wanted;
    if (options_.memory) options_.memory->wanted(file->sha256, file->name, file->size);
    client_.get(file->sha256, file->name, file->size, file->folder, file->mtime);
}

std::vector<size_t> Chat::numbersOf(const client::Transfers& transfers) {
    std::vector<TransferNumbers::Key> underWay;
    for (const client::Transfer& transfer : transfers.all) {
        underWay.push_back({transfer.upload, transfer.key()});
    }
    numbers_.keepOnly(underWay);
    std::vector<size_t> numbers;
    for (const auto& one : underWay) numbers.push_back(numbers_.of(one.upload, one.key));
    return numbers;
}

void Chat::showTransfers() {
    const client::Transfers transfers = client_.transfers();
    view_.showTransfers(transfers, numbersOf(transfers));
}

// Since not all are listed, also a file that !files has under this name.
void Chat::cancel(const std::string& which) {
    const client::Transfers transfers = client_.transfers();
    if (transfers.total == 0) return note("no transfers in progress");
    if (which.empty() && transfers.total > 1) {
        return wrongInput(
            "several transfers in progress: use !cancel NUMBER or FILE; !transfers lists them");
    }
    const std::vector<size_t> numbers = numbersOf(transfers);
    std::vector<NumberedTransfer> underWay;
    for (size_t i = 0; i < numbers.size(); ++i) {
        underWay.push_back({numbers[i], transfers.all[i].name});
    }
    const auto chosen = chosenTransfer(which, underWay);
    if (chosen && client_.cancel(transfers.all[*chosen].key())) return;
    const bool isNumber = which.find_first_not_of("0123456789") == std::string::npos;
    const KnownFile* const file = chosen || isNumber ? nullptr : files_.find(which);
    if (file && client_.cancel(options_.client.classic ? file->name : file->sha256)) return;
    if (chosen) return note("too late to cancel: all of it was sent, or is being sent");
    const auto same = std::count_if(underWay.begin(), underWay.end(),
                                    [&](const auto& one) { return one.name.starts_with(which); });
    if (same > 1) {
        return wrongInput(inQuotes(which) + " is the name of several: use !cancel NUMBER; " +
                          "!transfers lists them");
    }
    wrongInput("there is no transfer " + inQuotes(which) + "; !transfers lists them");
}

// Each goes further back; after the beginning of the room, from its end again.
void Chat::history(unsigned count) {
    if (room_.empty()) return wrongInput("you are in no room; !join ROOM joins one");
    Page& page = pages_[room_];
    if (page.first == 0 || page.more) return client_.history(room_, page.first, count);
    page = {};
    note("there are no earlier messages; !history starts at the end again");
}

void Chat::search(const std::string& words) {
    if (room_.empty()) return wrongInput("you are in no room; !join ROOM joins one");
    if (!words.empty()) {
        search_ = {room_, words, {}};
    } else if (search_.words.empty()) {
        return wrongInput("usage: !search WORDS");
    } else if (!search_.page.more) {
        return note("nothing older was found");
    }
    if (!isText(search_.words)) return;
    client_.search(search_.room, search_.words, search_.page.first);
}

void Chat::join(const std::string& name) {
    const std::string room(roomMeant(name));
    if (room.empty()) {
        return wrongInput("'" + forLog(name) +
                          "' is a person, not a room: !msg NICK TEXT; !join #" + forLog(name) +
                          " joins an older room of this name");
    }
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
    const std::string named(room.starts_with("#@") ? roomMeant(room) : room);
    const std::string where = named.empty() ? room_ : named;
    if (where.empty()) return wrongInput("you are in no room; !join ROOM joins one");
    (this->*act)(where);
}

// ---- who is ignored

bool Chat::isHidden(const Event& event) const {
    const auto hidden = [this](const auto& said) {
        return !said.own && client_.ignores(said.from);
    };
    return std::visit(client::Overloaded{[&](const event::Message& said) { return hidden(said); },
                                         [&](const event::Private& said) { return hidden(said); },
                                         [&](const event::File& said) { return hidden(said); },
                                         [](const auto&) { return false; }},
                      event);
}

void Chat::meet(const Event& event) {
    const auto add = [this](std::string_view nick) {
        const auto known = met_.find(nick);
        if (nick.empty() || (known != met_.end() && *known == nick)) return;
        if (known != met_.end()) met_.erase(known);
        if (met_.size() < kMetMax) met_.emplace(nick);
    };
    const auto addSender = [&](const auto& said) {
        if (!said.own) add(said.from);
    };
    const auto addAll = [&](const auto& list) {
        for (const v2::Member& member : list.roster) add(member.nick);
    };
    std::visit(client::Overloaded{[&](const event::Joined& joined) { addAll(joined); },
                                  [&](const event::Roster& roster) { addAll(roster); },
                                  [&](const event::Presence& presence) { add(presence.nick); },
                                  [&](const event::Message& said) { addSender(said); },
                                  [&](const event::Private& said) { addSender(said); },
                                  [&](const event::File& file) { addSender(file); },
                                  [&](const event::FileReceived& file) { add(file.from); },
                                  [&](const event::FileFailed& file) { add(file.from); },
                                  [&](const event::Progress& progress) { add(progress.from); },
                                  client::IgnoreOthers{}},
               event);
}

// As somebody who was seen here is called; empty: nobody was who has this nick in any case.
std::string Chat::spelled(const std::string& nick) const {
    const auto known = met_.find(nick);
    return known == met_.end() ? std::string() : *known;
}

void Chat::ignore(const std::string& typed) {
    if (typed.empty()) {
        std::string nicks;
        for (const auto& ignored : client_.ignored()) {
            nicks += (nicks.empty() ? "" : ", ") + forLog(ignored);
        }
        return note(nicks.empty() ? "you ignore nobody" : "you ignore " + nicks);
    }
    const std::string known = spelled(typed);
    const std::string& nick = known.empty() ? typed : known;
    const Status status = options_.client.classic ? checkClassicName(nick) : checkNick(nick);
    if (!status) return wrongInput(status.error().text);
    if (client_.ignored().size() >= kIgnoredMax)
        return wrongInput("you already ignore too many users");
    client_.ignore(nick, true);
    note(
        "you ignore " + forLog(nick) + " now" +
        (known.empty() ? ": no user with this nick was seen yet" : "; !unignore shows them again"));
}

void Chat::unignore(const std::string& nick) {
    if (!client_.ignores(nick)) return wrongInput("you do not ignore " + inQuotes(nick));
    client_.ignore(nick, false);
    note("you do not ignore " + forLog(nick) + " any more");
}

// Who is ignored stays so under a new nick, and under the old one, which may be had again.
void Chat::followIgnored(const event::Presence& presence) {
    const bool renamed = presence.state == "renamed" && client_.ignores(presence.was);
    if (!renamed || client_.ignored().size() >= kIgnoredMax) return;
    client_.ignore(presence.nick, true);
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

void Chat::readerGone() {
    unread_ = true;
    // What was said is finished, with or without a reader.
    if (state_ == State::Talking) finish(State::Leaving);
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
    const OutputState outputState = view_.flush();
    // What was not written is not seen: the next run tells it.
    if (options_.memory && outputState == OutputState::Open) {
        if (const Status saved = options_.memory->save(); !saved) trouble(saved.error().text);
    }
    if (outputState == outputState_) return;
    outputState_ = outputState;
    if (outputState == OutputState::Failed) wrongInput("stdout cannot be written");
    readerGone();
}

}  // namespace netchat::connect

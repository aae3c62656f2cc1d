#include "modes/connect/chat.h"

#include <algorithm>
#include <utility>

#include "modes/connect/command_line.h"
#include "modes/connect/command_table.h"
#include "modes/connect/ignoring.h"
#include "modes/connect/wording.h"
#include "modes/net/clock.h"
#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

using client::Event;
namespace event = client::event;

// What may be under way before more input is read: enough to fill a fast line, little to hold.
constexpr size_t kUnacknowledgedMax = 256;
constexpr size_t kBytesUnderWayMax = 4 * limits::kMiB;

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
    const bool likeCommand = !std::holds_alternative<command::Say>(TypedLine().read(text));
    if (!text.empty()) obey(command::Say{std::string(text)});
    if (likeCommand) note("pasted: sent as text");
    input_.setPaused(!mayRead());
}

Command Chat::read(std::string_view line) {
    if (options_.commands) return options_.atTerminal ? typed_.read(line) : parseLine(line);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return command::Nothing{};
    tellNotObeyed(line);
    return command::Say{std::string(line)};
}

// Whoever wrote a script for commands learns why they are said.
void Chat::tellNotObeyed(std::string_view line) {
    if (toldNotObeyed_ || !line.starts_with('!')) return;
    const std::string_view name = line.substr(1, line.find(' ') - 1);
    if (findCommand(name) == nullptr) return;
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

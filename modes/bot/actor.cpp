#include "modes/bot/actor.h"

#include <algorithm>

#include "protocol/text_safety.h"

namespace netchat::bot {

using client::EventKind;

Actor::Actor(std::string name, const client::Options& options, const ChatFactory& factory,
             std::function<int64_t()> clockMs, std::function<void()> changed)
    : name_(std::move(name)),
      classic_(options.classic),
      clockMs_(std::move(clockMs)),
      changed_(std::move(changed)),
      chat_(factory(options, *this)) {
}

void Actor::goOn(client::StateFile state) {
    memory_.emplace(std::move(state));
    queue_.onConsumed = [this](const EventRecord& event) { used(event); };
}

// Best effort: a run does not fail because the next may hear something twice.
void Actor::used(const EventRecord& event) {
    if (event.unseen) memory_->seen(event.room, event.seq);
    (void)memory_->save();
}

void Actor::connect(const std::vector<std::string>& rooms, std::optional<uint64_t> since) {
    state_ = State::Connecting;
    lostWhy_.clear();
    if (!rooms.empty()) room_ = rooms.front();
    if (classic_) room_ = kLobby;
    chat_->start();
    if (classic_) return;  // it is in the lobby whatever it says
    for (const std::string& room : rooms) {
        if (wantedRooms_.insert(room).second) chat_->join(room, since);
    }
}

void Actor::reconnect() {
    state_ = State::Connecting;
    lostWhy_.clear();
    lossForgiven_ = false;
    joinedRooms_.clear();
    refusedRoom_.reset();
    chat_->reconnect();
}

void Actor::disconnect() {
    state_ = State::Cutting;
    mended_ = false;
    chat_->disconnect();
}

void Actor::bye() {
    state_ = State::Leaving;
    chat_->bye();
}

bool Actor::ready() const {
    return state_ == State::Online && std::includes(joinedRooms_.begin(), joinedRooms_.end(),
                                                    wantedRooms_.begin(), wantedRooms_.end());
}

void Actor::onEvent(const client::Event& event) {
    if (isKept(event.kind)) {
        EventRecord kept = record(event, chat_ ? chat_->nickName() : name_, clockMs_());
        if (kept.kind == EventKind::FileReceived) remember(received_, kept);
        if (kept.kind == EventKind::File) remember(announced_, kept);
        if (memory_) {
            kept.unseen = memory_->counts(event);
            if (event.kind == EventKind::LogChanged) queue_.forgetUnseen(kept.room, event.seq);
            if (client::StateFile::concerns(event)) memory_->follow(event, chat_->state());
            (void)memory_->save();
        }
        queue_.push(std::move(kept));
        follow(event);
    }
    changed_();
}

void Actor::follow(const client::Event& event) {
    switch (event.kind) {
        case EventKind::Connected:
            mended_ = mended_ || state_ == State::Mending;
            if (state_ == State::Connecting || state_ == State::Mending) state_ = State::Online;
            break;
        case EventKind::Reconnecting:
            if (state_ == State::Online) state_ = State::Mending;
            joinedRooms_.clear();
            lost(event);
            break;
        case EventKind::Disconnected:
            ended(event);
            break;
        case EventKind::Joined:
            wantedRooms_.emplace(event.room);
            joinedRooms_.emplace(event.room);
            break;
        case EventKind::Left:
            wantedRooms_.erase(std::string(event.room));
            joinedRooms_.erase(std::string(event.room));
            break;
        case EventKind::Refused:
            if (event.re == "join" && wantedRooms_.count(event.room) && !isIn(event.room))
                refusedRoom_ = forLog(event.text, 300);
            break;
        default:
            break;
    }
}

void Actor::ended(const client::Event& event) {
    bool wished = state_ == State::Leaving || state_ == State::Cutting || state_ == State::Away;
    bool orderly = state_ != State::Leaving || event.code.empty();
    if (wished && orderly) {
        state_ = State::Away;
        return;
    }
    lost(event);
    state_ = State::Lost;
}

void Actor::lost(const client::Event& event) {
    lostWhy_ = state_ == State::Connecting ? "could not connect" : "lost the server";
    if (!event.text.empty()) lostWhy_ += ": " + forLog(event.text, 300);
    if (!event.code.empty()) lostWhy_ += " (" + forLog(event.code) + ")";
}

void Actor::remember(std::deque<EventRecord>& files, const EventRecord& file) {
    files.push_back(file);
    if (files.size() > kFilesMax) files.pop_front();
}

const EventRecord* Actor::lastFile(const Matcher& wanted) const {
    Captures captures;
    for (auto file = received_.rbegin(); file != received_.rend(); ++file) {
        Result<bool> fits = wanted.matches(*file, captures, afterCpuMs(kPatternMs));
        if (fits && *fits) return &*file;
    }
    return nullptr;
}

const EventRecord* Actor::announced(std::string_view name) const {
    auto found = std::find_if(announced_.rbegin(), announced_.rend(),
                              [&](const EventRecord& file) { return file.name == name; });
    return found == announced_.rend() ? nullptr : &*found;
}

}  // namespace netchat::bot

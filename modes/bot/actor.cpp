#include "modes/bot/actor.h"

#include <algorithm>

#include "protocol/text_safety.h"

namespace netchat::bot {

namespace event = client::event;

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
    if (auto kept = record(event, chat_ ? chat_->nickName() : name_, clockMs_())) {
        if (kept->kind == EventKind::FileReceived) remember(received_, *kept);
        if (kept->kind == EventKind::File) remember(announced_, *kept);
        if (memory_) {
            kept->unseen = memory_->take(event, [this] { return chat_->state(); }).has_value();
            if (kept->kind == EventKind::LogChanged) queue_.forgetUnseen(kept->room, kept->seq);
            (void)memory_->save();
        }
        queue_.push(std::move(*kept));
        follow(event);
    }
    changed_();
}

void Actor::follow(const client::Event& event) {
    std::visit(
        client::Overloaded{
            [this](const event::Connected&) {
                mended_ = mended_ || state_ == State::Mending;
                if (state_ == State::Connecting || state_ == State::Mending) {
                    state_ = State::Online;
                }
            },
            [this](const event::Reconnecting& away) {
                if (state_ == State::Online) state_ = State::Mending;
                joinedRooms_.clear();
                lost(away.text, away.code);
            },
            [this](const event::Disconnected& one) { ended(one); },
            [this](const event::Joined& joined) {
                wantedRooms_.emplace(joined.room);
                joinedRooms_.emplace(joined.room);
            },
            [this](const event::Left& left) {
                wantedRooms_.erase(std::string(left.room));
                joinedRooms_.erase(std::string(left.room));
            },
            [this](const event::Refused& refused) {
                if (refused.re == "join" && wantedRooms_.count(refused.room) && !isIn(refused.room))
                    refusedRoom_ = forLog(refused.text, 300);
            },
            client::IgnoreOthers{},
        },
        event);
}

void Actor::ended(const event::Disconnected& ended) {
    bool wished = state_ == State::Leaving || state_ == State::Cutting || state_ == State::Away;
    bool orderly = state_ != State::Leaving || ended.code.empty();
    if (wished && orderly) {
        state_ = State::Away;
        return;
    }
    lost(ended.text, ended.code);
    state_ = State::Lost;
}

void Actor::lost(std::string_view text, std::string_view code) {
    lostWhy_ = state_ == State::Connecting ? "could not connect" : "lost the server";
    if (!text.empty()) lostWhy_ += ": " + forLog(text, 300);
    if (!code.empty()) lostWhy_ += " (" + forLog(code) + ")";
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

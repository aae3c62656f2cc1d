#pragma once

// One bot of a script while it runs: its client, what it has heard, and where it is.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "modes/bot/chat.h"
#include "modes/bot/event_queue.h"
#include "modes/bot/matcher.h"
#include "modes/client/state_file.h"

namespace netchat::bot {

// Loop thread only. `changed` is called after each event and must not destroy the actor.
class Actor : private client::Listener {
  public:
    enum class State {
        Idle,        // not started
        Connecting,  // its greeting is not accepted yet
        Online,
        Mending,  // has lost its connection, which is being made again: lostWhy()
        Leaving,  // said bye
        Cutting,  // is cutting its connection
        Away,     // ended by its own wish
        Lost,     // could not connect, was refused, or the server went away: lostWhy()
    };

    Actor(std::string name, const client::Options& options, const ChatFactory& factory,
          std::function<int64_t()> clockMs, std::function<void()> changed);

    // Goes on where an earlier run of this bot stopped; to be called before connect(). What a step
    // has used counts as seen, and so the next run sees it no more.
    void goOn(client::StateFile state);
    void connect(const std::vector<std::string>& rooms, std::optional<uint64_t> since);
    void reconnect();
    void disconnect();
    void bye();

    // Online, and in each of the rooms that it was told to be in.
    bool ready() const;
    bool isIn(std::string_view room) const { return joinedRooms_.count(room) > 0; }
    // Why one of the rooms that it was told to be in is closed to it.
    const std::optional<std::string>& refusedRoom() const { return refusedRoom_; }

    Chat& chat() { return *chat_; }
    EventQueue& queue() { return queue_; }
    State state() const { return state_; }
    const std::string& name() const { return name_; }
    bool classic() const { return classic_; }
    // Where it speaks when no room is said; empty for none.
    const std::string& room() const { return room_; }
    // It has come back by itself.
    bool mended() const { return mended_; }
    const std::string& lostWhy() const { return lostWhy_; }
    // A loss that the script has expected is none of its failures.
    void forgiveLoss() { lossForgiven_ = true; }
    bool lossForgiven() const { return lossForgiven_; }

    // The last file received that fits, or null.
    const EventRecord* lastFile(const Matcher& wanted) const;
    // The last announcement of a file of this name, or null.
    const EventRecord* announced(std::string_view name) const;

  private:
    // Files that are remembered for compare and get.
    static constexpr size_t kFilesMax = 1000;

    void onEvent(const client::Event& event) override;
    void follow(const client::Event& event);
    void used(const EventRecord& event);
    void lost(std::string_view text, std::string_view code);
    void ended(const client::event::Disconnected& ended);
    void remember(std::deque<EventRecord>& files, const EventRecord& file);

    std::string name_;
    bool classic_;
    std::function<int64_t()> clockMs_;
    std::function<void()> changed_;
    State state_ = State::Idle;
    bool lossForgiven_ = false;
    bool mended_ = false;
    std::string room_, lostWhy_;
    std::set<std::string, std::less<>> wantedRooms_, joinedRooms_;
    std::optional<std::string> refusedRoom_;
    EventQueue queue_;
    std::deque<EventRecord> received_, announced_;
    std::optional<client::StateFile> memory_;
    std::unique_ptr<Chat> chat_;  // last: it may speak until it is gone
};

}  // namespace netchat::bot

#pragma once

// One bot without a script: connects, joins its rooms, does what a mode asks, and leaves.
//
//     Connecting -> Joining -> Ready -> Draining -> Leaving -> Done
//         \____________\_________\________\_________/    (the server was lost, or time was up)

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "modes/bot/chat.h"
#include "modes/bot/outcome.h"
#include "modes/client/state_file.h"
#include "modes/net/event_loop.h"

namespace netchat::bot {

struct SoloSettings {
    client::Options client;
    std::vector<std::string> rooms = {"lobby"};
    int64_t timeoutMs =
        5'000;  // a server that gives no sign for this long, while one is due, is lost
    client::Since since = {};
    std::shared_ptr<client::StateFile> memory =
        {};                                         // of what an earlier run has seen, and this one
    std::optional<int64_t> deadlineMs = {};         // of the whole run
    int64_t spentMs = 0;                            // of that before start()
    bool acks = false;                              // only acknowledge() says what was seen
    std::function<void(const std::string&)> print;  // a line for people
};

// Loop thread only; must not be destroyed from its own callbacks. A mode derives from it.
class Solo : private client::Listener {
  public:
    Solo(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings,
         std::function<void(const Outcome&)> finished);
    virtual ~Solo();

    void start();
    // Says bye and finishes with this outcome.
    void leave(Outcome outcome);
    // The same, and hardly waits for the server's answer.
    void leaveAtOnce(Outcome outcome);

  protected:
    // Connected, and in all rooms.
    virtual void onReady() {}
    // Every event, before it has its effect here. False: it was not put out, and the next run is
    // to hear it.
    virtual bool onHeard(const client::Event&) { return true; }
    // All that was under way is done, after drain(); leaves with success unless told otherwise.
    virtual Outcome onDrained() { return {}; }
    // The deadline has come, and nothing but leaveAtOnce() keeps it.
    virtual void onDeadline();
    // Whether what was asked has no answer yet, which drain() waits for.
    virtual bool awaitsAnswers() const { return false; }
    // Whether the bot stays when it has itself cut its connection.
    virtual bool keepsWithoutServer() const { return false; }

    // Whether a file that failed is a failure of the run.
    virtual bool wantsFiles() const { return true; }

    // What the next run need not hear: this room's entries up to `seq`. It is kept when this
    // returns.
    Status acknowledge(std::string_view room, uint64_t seq);
    // What a file's end means for the end of the run.
    void followFile(const client::Event& event);
    // What does not come in this run is fetched by the next one that goes on from it.
    void fetch(std::string_view sha256, std::string_view name, uint64_t size);

    // Lets everything said, sent and fetched finish, then leaves.
    void drain();
    bool ready() const { return state_ == State::Ready; }
    // Connected, and in all its rooms, or has been so.
    bool wasReady() const { return state_ != State::Connecting && state_ != State::Joining; }
    // The server was lost, and the client is about to come back to it.
    bool away() const { return away_; }
    Chat& chat() { return *chat_; }
    net::EventLoop& loop() { return loop_; }
    const SoloSettings& settings() const { return settings_; }
    void print(const std::string& line) const { settings_.print(line); }
    // poll() asks for an onPoll() soon, for what no event tells: a classic server takes silently.
    virtual void onPoll() {}
    void poll();

  private:
    enum class State {
        Idle,        // not started
        Connecting,  // its greeting is not accepted yet
        Joining,     // not in all its rooms yet
        Ready,       // the mode is at work
        Draining,    // nothing new: what is under way finishes
        Leaving,     // said bye
        Done,        // the outcome was told
    };

    void onEvent(const client::Event& event) override;
    void follow(const client::Event& event);
    // E: FileFailed or Refused.
    template <class E>
    void fileFailed(std::string_view key, const E& event, const char* how);
    void later(void (Solo::*what)());
    void afterEvent();
    void remember(const client::Event& event, bool putOut);
    void saveMemory();
    Outcome withFiles(Outcome outcome) const;
    void tellAway(const client::event::Reconnecting& away);
    void becomeReady();
    void connected(const client::event::Connected& connected);
    void ended(const client::event::Disconnected& ended);
    void patience();
    void deadline();
    void leaveWithin(int64_t byeMs, Outcome outcome);
    void polled();
    void finish(Outcome outcome);

    net::EventLoop& loop_;
    SoloSettings settings_;
    std::function<void(const Outcome&)> finished_;
    State state_ = State::Idle;
    std::set<std::string, std::less<>> missingRooms_;
    Outcome outcome_;
    std::map<std::string, std::string, std::less<>> failedFiles_;  // by hash or id: what is told
    bool away_ = false;
    uint64_t events_ = 0;      // of any kind: signs of life
    uint64_t eventsSeen_ = 0;  // when patience was looked at last
    net::EventLoop::TimerId patience_ = 0, poll_ = 0, deadline_ = 0;
    std::shared_ptr<Solo*> self_;
    std::unique_ptr<Chat> chat_;
};

}  // namespace netchat::bot

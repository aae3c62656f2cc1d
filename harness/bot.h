#pragma once

// One bot of a run: a client of either dialect that does what its plan says and tells the recorder
// everything. Loop thread only.
//
//     Idle -> Coming -> There -> Going -> Away -> Coming …      (Away: between leaving and return)
//                                      -> Finished             (after finish())
//     Broken from anywhere: the connection ended without having been asked to

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "harness/recorder.h"
#include "harness/workload.h"
#include "modes/client/client.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

class Bot final : private client::Listener {
  public:
    enum class State {
        Idle,      // not started
        Coming,    // asked to be in its rooms, and not yet certain to be in all of them
        There,     // in all its rooms
        Going,     // asked to leave its rooms, all or for good
        Away,      // out, and coming back
        Finished,  // out for good
        Broken,    // its connection was refused or lost
    };

    // What its bots have in common, and who is told what changes. Outlives them.
    struct Context {
        net::EventLoop& loop;
        Recorder& recorder;
        const Workload& workload;
        std::function<void(Bot&)> onProgress;  // from a callback: must not call the bot's verbs
        std::function<void()> onActivity;      // anything at all has come from a server
    };

    Bot(uint32_t index, client::Options options, Context& context);
    ~Bot();

    void start();
    // Says what its plan has for now, as far as the window lets it; `nowNs` after the talking
    // began.
    void talk(int64_t startNs, int64_t nowNs);
    void probe();
    // To be uploaded one after the other, from talk() on.
    void addFile(uint32_t file, std::filesystem::path path);
    void finish();

    uint32_t index() const { return index_; }
    State state() const { return state_; }
    bool classic() const { return plan_.classic; }
    // Nothing of its plan is left to say, upload or come back for.
    bool done() const;
    // There, as far as it can know while nobody else speaks.
    bool waitsForAProbe() const { return state_ == State::Coming && plan_.classic && connected_; }
    // Why it is Broken.
    const std::string& reason() const { return reason_; }
    bool everConnected() const { return everConnected_; }

  private:
    void onEvent(const client::Event& event) override;
    void onConnected();
    void onDisconnected(const client::Event& event);
    void onJoined(uint16_t room);
    void onLeft(uint16_t room);
    void come();
    void go();
    void comeBackLater();
    void uploadNext();
    bool windowOpen() const;
    void say(uint32_t number, uint16_t room, int64_t dueNs);

    const uint32_t index_;
    const BotPlan& plan_;
    const client::Options options_;
    Context& context_;
    std::unique_ptr<client::Client> client_;
    State state_ = State::Idle;
    bool connected_ = false;
    bool everConnected_ = false;
    bool wasAway_ = false;   // its plan's absence is over, or under way
    size_t roomsOpen_ = 0;   // joins or leaves whose answers are due
    size_t next_ = 0;        // of plan_.says
    uint32_t inFlight_ = 0;  // v2: said, and neither come back nor refused
    uint32_t probes_ = 0;
    std::deque<std::pair<uint32_t, std::filesystem::path>> files_;
    bool uploading_ = false;
    bool finishing_ = false;  // the end of the connection will be the end of it
    net::EventLoop::TimerId timer_ = 0;
    std::string reason_;
};

}  // namespace netchat::harness

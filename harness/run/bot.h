#pragma once

// One bot of a run: a client of either dialect that does what its plan says and tells the recorder
// everything. Loop thread only.
//
//     Idle -> Coming -> There -> Going -> Away -> Coming …      (Away: between leaving and return)
//                                      -> Finished             (after finish())
//     Broken from anywhere: the connection ended without having been asked to, and it is not one
//     that comes back

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/plan/workload.h"
#include "harness/run/bot_handle.h"
#include "harness/run/bot_memory.h"
#include "harness/run/recorder.h"
#include "modes/client/client.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

class Bot final : public BotHandle, private client::Listener {
  public:
    // What its bots have in common, and who is told what changes. Outlives them.
    struct Context {
        net::EventLoop& loop;
        Recorder& recorder;
        const Workload& workload;
        std::function<void(BotHandle&)>
            onProgress;                    // from a callback: must not call the bot's verbs
        std::function<void()> onActivity;  // anything at all has come from a server
        // It has been let in, as this user; may be empty.
        std::function<void(uint32_t bot, const client::Resume&)> onUser = {};
        // A file is in its place, where downloads are not discarded: to be removed once that is
        // recorded for good.
        std::function<void(const std::filesystem::path&)> onPlaced = {};
        uint32_t saysPerTurn = UINT32_MAX;  // of each, in one call of talk()
    };

    Bot(uint32_t index, client::Options options, Context& context);
    ~Bot() override;

    void start() override;
    void talk(int64_t startNs, int64_t nowNs) override;
    void probe() override;
    // To be uploaded one after the other, from talk() on.
    void addFile(uint32_t file, std::filesystem::path path);
    // Before start(): it goes on where an earlier process of it was killed. `pathOf`: of a file.
    void remember(BotMemory memory,
                  const std::function<std::filesystem::path(uint32_t file)>& pathOf);
    void finish() override;

    uint32_t index() const override { return index_; }
    State state() const override { return state_; }
    bool done() const override;
    bool waitsForAProbe() const override {
        return state_ == State::Coming && plan_.classic && connected_;
    }
    const std::string& reason() const override { return reason_; }
    bool connected() const override { return connected_; }
    bool everConnected() const override { return everConnected_; }

  private:
    void onEvent(const client::Event& event) override;
    void onConnected(const client::event::Connected& connected);
    void onReconnecting(const client::event::Reconnecting& away);
    void onDisconnected(const client::event::Disconnected& ended);
    // False: it is no progress.
    bool onOther(const client::Event& event);
    void onJoined(uint16_t room, uint64_t seq);
    void onLeft(uint16_t room);
    void come();
    void go();
    void comeBackLater();
    void takeUp();
    bool hasAlready(uint32_t file);
    void uploadNext();
    bool windowOpen() const;
    void say(uint32_t number, uint16_t room, int64_t dueNs);

    const uint32_t index_;
    const BotPlan& plan_;
    client::Options options_;
    Context& context_;
    std::unique_ptr<client::Client> client_;
    State state_ = State::Idle;
    bool connected_ = false;
    bool everConnected_ = false;
    bool wasAway_ = false;               // its plan's absence is over, or under way
    std::set<uint16_t> roomsOpen_ = {};  // joins or leaves whose answers are due
    size_t next_ = 0;                    // of plan_.says
    uint32_t inFlight_ = 0;              // v2: said, and neither come back nor refused
    uint32_t probes_ = 0;
    std::deque<std::pair<uint32_t, std::filesystem::path>> files_;
    bool uploading_ = false;
    struct Memory {
        BotMemory what;
        std::vector<std::pair<uint32_t, std::filesystem::path>> uploads;  // under way
    };
    std::optional<Memory> memory_;  // until it is let in again
    bool finishing_ = false;        // the end of the connection will be the end of it
    net::EventLoop::TimerId timer_ = 0;
    std::string reason_;
};

}  // namespace netchat::harness

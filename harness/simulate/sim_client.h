#pragma once

// One client: the real client on a simulated machine, what it does, and what it has seen.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/simulate/client_host.h"
#include "harness/simulate/connection_checker.h"
#include "harness/simulate/invariant_checker.h"
#include "harness/simulate/scenario.h"
#include "modes/client/client.h"

namespace netchat::simulate {

struct Surroundings {
    const Clock& clock;
    SimRng& rng;
    InvariantChecker& checker;
    Trace& trace;
    FaultHooks& faultHooks;
};

class SimClient final : public client::Listener {
  public:
    SimClient(size_t index, const SimClientPlan& plan, Surroundings around,
              ClientHost::Connect connect);
    ~SimClient() { crash(); }

    // ---- steps
    void start();
    void crash();
    void act(const std::string& someNick);
    void reconnect();
    // Drops the same bytes in once more, if it has them and is in a room.
    bool offerAgain(const std::string& sha256, uint64_t number);

    // ---- what can be done
    bool alive() const { return client_ != nullptr; }
    bool mayAct() const { return alive() && next_ < plan_.actions.size(); }
    // Disconnected, and it is time to try again; -1: not.
    int64_t reconnectAtMs() const { return reconnectAtMs_; }
    ClientHost& host() { return *host_; }
    bool classic() const { return plan_.classic; }
    const std::string& who() const { return who_; }
    const std::string& nick() const { return nick_; }

    // ---- judging
    // All is over and quiet: is everything here?
    void judgeRest();
    bool isIdle() const;
    std::string state() const;
    // What is broken in the client between two steps; empty: nothing.
    std::string checkInvariants() const {
        return client_ ? client_->checkInvariants() : std::string();
    }
    // What was kept of the rooms so far is gone, as promised.
    void beginAnew() { anewFrom_ = nextNumber_; }
    // The log has lost something, or was put back from a copy: what was acknowledged so far, by
    // bytes that are still on their way as well, may be missing.
    void forgive();
    Traffic& traffic() { return traffic_; }
    size_t rooms() const;
    bool in(const std::string& room) const;

  private:
    struct View {
        std::optional<uint64_t> last;          // seen
        std::map<uint64_t, std::string> read;  // what, in this life
        bool joined = false, leaving = false;
    };
    struct Said {
        uint64_t number = 0;
        bool file = false, refused = false;
        std::string text;       // or the file's name
        bool forgiven = false;  // it may be missing
        // Refused, and then the log was put back from a copy, which may be older than the refusal
        // and have it from before.
        bool mayBeBack = false;
    };

    void onEvent(const client::Event& event) override;
    void trace(const client::Event& event);
    void onConnected(const client::event::Connected& connected);
    bool onEntry(const store::Entry& entry, std::string_view room);
    void onClassicEntry(std::string_view from, std::string text);
    void onMessage(const client::event::Message& message);
    void onFile(const client::event::File& file);
    void onReceived(const client::event::FileReceived& file);
    void onFailed(const client::event::FileFailed& file);
    void onGap(const client::event::Gap& gap);
    void onRotten(const client::event::Gap& gap);
    void onJoined(const client::event::Joined& joined);
    void onLeft(const client::event::Left& left);
    void onLogChanged(const client::event::LogChanged& changed);
    void judgeRead(const std::string& room, const View& view);
    void onRefused(const client::event::Refused& refused);
    void join(const std::string& room);
    void leave(const std::string& room);
    void hop(const std::string& room);
    void ask(const std::string& room, bool toJoin);
    // A join or leave was, by an event of this name; `joined`: it is in the room.
    void answered(std::string_view kind, std::string_view room, bool toJoin, bool joined);
    bool waitsIn(const std::string& room) const;
    void keep();
    void resume(client::Options& options);
    void upload(const Action& action);
    bool isOwn(std::string_view text) const { return sayerOf(text).starts_with(base_ + "."); }
    void violated(const std::string& invariant, const std::string& text) {
        around_.checker.violated(invariant, who_ + " " + text);
    }

    const SimClientPlan& plan_;
    Surroundings around_;
    ClientHost::Connect connect_;
    const std::string base_;  // "c1"
    uint64_t keepalive_ = 0;
    std::string who_;   // "c1.0": this life
    std::string nick_;  // as it is now
    ClientDisk disk_;
    Traffic traffic_;
    size_t next_ = 0;  // action
    uint64_t nextNumber_ = 0, anewFrom_ = 0;

    std::unique_ptr<ClientHost> host_;
    std::unique_ptr<client::Client> client_;
    int64_t reconnectAtMs_ = -1;
    bool connected_ = false;
    bool inPage_ = false;
    std::map<std::string, View, std::less<>> views_;
    std::map<std::string, uint64_t, std::less<>> leftAt_;
    // By room: whether each join or leave was one to join that has no answer yet.
    std::map<std::string, std::deque<bool>, std::less<>> asked_;
    std::map<std::string, Said, std::less<>> said_;  // by id, in this life
    struct Place {
        std::string room;
        uint64_t seq;
    };
    std::multimap<std::string, Place, std::less<>> fetching_;  // announced to us, by SHA-256
    // What is on the disk of who it is, and how far it has seen and fetched everything.
    std::optional<client::Resume> kept_;
    std::optional<uint64_t> classicLast_;  // of the lobby, on this connection
};

}  // namespace netchat::simulate

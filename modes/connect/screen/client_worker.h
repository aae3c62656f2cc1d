#pragma once

// The network thread's side of the screen: a client::Client that carries out the model's orders and
// tells the event queue what happens. It never waits for the UI.
//
//     model -- orders, posted --> ClientWorker --> client::Client
//     model <-- EventQueue <----- ClientWorker <-- events

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "modes/client/client.h"
#include "modes/client/state_file.h"
#include "modes/connect/screen/event_queue.h"
#include "modes/connect/screen/order.h"
#include "modes/net/event_loop.h"

namespace netchat::connect {

// Made, used and destroyed on its loop's thread. It uses the loop's turn-end hook.
class ClientWorker : private client::Listener {
  public:
    struct Options {
        client::Options client;
        std::string room;  // the first
        client::Since since = {};
        std::shared_ptr<client::StateFile> memory = {};
    };
    // How often the transfers under way are told.
    static constexpr int64_t kTransfersMs = 100;
    // How often the round trip is measured.
    static constexpr int64_t kPingMs = 10'000;

    ClientWorker(net::EventLoop& loop, Options options, EventQueue& queue);
    ~ClientWorker();

    void start();
    void carryOut(const ClientCommand& order);

  private:
    void onEvent(const client::Event& event) override;
    void onTurnEnd();

    void upload(const ClientCommand& order);
    void number(const ClientCommand& order, const std::string& id);
    void tellWritten();
    void bye();
    void byeIfDone();
    void watchTransfers();
    void tellTransfers();
    void pingLater();

    net::EventLoop& loop_;
    const Options options_;
    EventQueue& queue_;
    client::Client client_;
    bool inAnswer_ = false;  // entries that come now are part of a page
    bool leaving_ = false;   // bye follows when nothing is under way
    bool saidBye_ = false;
    bool shown_ = false;                // the queue was told of transfers, which may be over now
    net::EventLoop::TimerId look_ = 0;  // while there are transfers
    net::EventLoop::TimerId ping_ = 0;
    std::deque<uint64_t> unwritten_;  // classic: tags of what was said and not counted as said
};

}  // namespace netchat::connect

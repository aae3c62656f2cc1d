#pragma once

// A wire between clients and a server that counts what goes over it, and breaks as a test wants.

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace netchat::test {

// Any thread; what it does, it does on its own.
class Proxy {
  public:
    explicit Proxy(uint16_t server);
    ~Proxy();
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    // Bytes that were taken from the clients, and from the server, of all connections.
    uint64_t fromClients() const { return up_; }
    uint64_t fromServer() const { return down_; }
    // No more than so many are taken in all; what is beyond waits.
    void holdFromClients(uint64_t bytes) { upMost_ = bytes; }
    void holdFromServer(uint64_t bytes) { downMost_ = bytes; }
    // Waits until so many have come.
    void waitFromClients(uint64_t bytes) const { wait(up_, bytes); }
    void waitFromServer(uint64_t bytes) const { wait(down_, bytes); }
    // Connections that stand go on, but nothing comes through them any more: half-open. New ones
    // work.
    void swallow() { swallow_ = true; }
    // Ends all connections.
    void cut() { cut_ = true; }

  private:
    struct Pair {
        int client, server;
        bool dead = false;
        std::string up = {}, down = {};  // taken and not given yet
    };

    void run();
    void accept();
    static void wait(const std::atomic<uint64_t>& count, uint64_t bytes);
    static bool move(int from, int to, std::string& held, std::atomic<uint64_t>& count,
                     uint64_t most);

    uint16_t server_, port_ = 0;
    int listener_;
    std::list<Pair> pairs_;  // of the thread
    std::atomic<uint64_t> up_{0}, down_{0};
    std::atomic<uint64_t> upMost_{~uint64_t{0}}, downMost_{~uint64_t{0}};
    std::atomic<bool> swallow_{false}, cut_{false}, stopping_{false};
    std::thread thread_;
};

}  // namespace netchat::test

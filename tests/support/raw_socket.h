#pragma once

// A blocking TCP socket with a deadline on everything, for tests that speak by hand. Independent of
// the program's own code on purpose: what it checks must not check itself.

#include <cstdint>
#include <string>
#include <string_view>

namespace netchat::test {

// How long a test waits for what must come. It is a bound for a failing test, not a pace.
inline constexpr int kPatienceMs = 30'000;

// Every failure, a deadline included, is a std::runtime_error that says what was waited for.
class RawSocket {
  public:
    // `from`: an IPv4 address of this machine; empty: as the system chooses.
    static RawSocket connectTo(uint16_t port, const std::string& address = "127.0.0.1",
                               const std::string& from = "");
    explicit RawSocket(int fd) : fd_(fd) {}
    ~RawSocket();
    RawSocket(RawSocket&& other) noexcept;
    RawSocket& operator=(RawSocket&&) = delete;

    void send(std::string_view bytes);
    // The same to one that may have ended meanwhile; false: it has.
    bool sendUnlessEnded(std::string_view bytes);
    std::string readExactly(size_t size);
    // Everything until the other side ends, which it must.
    std::string readToEnd();
    // True when the other side ended; false when a byte came instead.
    bool atEnd();

    // A field: a decimal length padded with spaces to `width`, and that many bytes.
    void sendField(std::string_view bytes, size_t width = 10);
    std::string readField(size_t width = 10);
    static std::string field(std::string_view bytes, size_t width = 10);

    // Ends our direction only.
    void finishSending();
    // From now on nothing that comes is acknowledged, and nothing is sent: as without power.
    void losePower();
    // Ends the connection with a reset instead of an orderly end.
    void reset();
    void close();

  private:
    int fd_;
};

// The same for every connection of another process, which should not run at that time.
void losePowerOf(int pid);

class RawListener {
  public:
    RawListener();  // on a free port of 127.0.0.1
    ~RawListener();
    RawListener(const RawListener&) = delete;
    RawListener& operator=(const RawListener&) = delete;

    uint16_t port() const { return port_; }
    RawSocket accept();

  private:
    int fd_;
    uint16_t port_;
};

}  // namespace netchat::test

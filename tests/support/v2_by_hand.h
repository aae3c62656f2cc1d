#pragma once

// The v2 dialect as somebody writes it from the specification alone, without protocol/.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/raw_socket.h"

namespace netchat::test {

class V2ByHand {
  public:
    struct Frame {
        std::string verb, body;
        std::map<std::string, std::string> labels;
        std::string operator[](const std::string& label) const;
    };

    // Connects only; hello() greets.
    explicit V2ByHand(uint16_t port) : V2ByHand(RawSocket::connectTo(port)) {}
    explicit V2ByHand(RawSocket socket) : socket_(std::move(socket)) {}
    V2ByHand(uint16_t port, std::string_view nick, std::string_view room = "lobby");

    Frame hello(std::string_view nick);
    // send("say", "room:lobby\tid:1", "hello")
    void send(std::string_view verb, std::string_view labels, std::string_view body = "");
    Frame read();
    // Reads until a frame with this verb comes, skipping others.
    Frame readUntil(std::string_view verb);
    // say and wait for it in the log.
    Frame say(std::string_view room, std::string_view id, std::string_view text);

    RawSocket& socket() { return socket_; }

  private:
    RawSocket socket_;
};

}  // namespace netchat::test

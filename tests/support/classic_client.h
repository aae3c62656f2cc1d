#pragma once

// A classic client on plain sockets, as the original's: it knows nothing of protocol/, so that the
// codec cannot agree with itself alone. Texts are bytes in the server's encoding.

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/raw_socket.h"

namespace netchat::test {

class ClassicClient {
  public:
    struct Item {
        std::string user, text;  // text: of a file its name, without the %
        std::string bytes, time;
        bool isFile = false;
    };

    ClassicClient(uint16_t port, std::string_view name, size_t headerWidth = 10);

    void sendText(std::string_view text);
    void sendFile(std::string_view name, std::string_view bytes);
    // What comes next, whatever it is.
    Item read();
    // What comes next, which must be this; a std::runtime_error tells what came instead.
    Item expectMessage(std::string_view user, std::string_view text);
    Item expectFile(std::string_view user, std::string_view name);
    // As the original's !exit does it.
    void exit();

    RawSocket& socket() { return socket_; }

  private:
    size_t headerWidth_;
    RawSocket socket_;
};

}  // namespace netchat::test

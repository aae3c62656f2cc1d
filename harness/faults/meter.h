#pragma once

// Looks at the frames of one bot's connections, one after the other, and counts what of its files
// passed more than once: a transfer that goes on where it stopped sends little again. Pure.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "harness/faults/fault.h"
#include "protocol/field.h"

namespace netchat::harness {

class Meter {
  public:
    // One file in one direction, over all connections.
    struct Transfer {
        uint64_t reached = 0;      // the furthest byte that passed
        uint64_t again = 0;        // bytes that passed when they had before
        uint32_t connections = 0;  // that it was on
        uint64_t lastConnection = 0;
    };
    using Key = std::pair<std::string, Direction>;  // SHA-256, and where it goes

    void connectionBegins();
    void bytes(Direction direction, std::string_view bytes);
    const std::map<Key, Transfer>& transfers() const { return transfers_; }

  private:
    void frame(Direction direction, std::string_view payload);
    void data(Direction direction, const std::string& sha256, uint64_t off, uint64_t size);

    struct Side {
        FieldReader reader{10};
        bool lost = false;  // not v2, or not readable: nothing more is counted
    };
    Side dialects_[2];
    std::map<std::string, std::string> offered_;  // id to SHA-256, of all connections
    std::map<uint64_t, std::string> accepted_;    // transfer to SHA-256, of this connection
    std::map<Key, Transfer> transfers_;
    uint64_t connection_ = 0;
};

}  // namespace netchat::harness

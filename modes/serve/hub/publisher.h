#pragma once

// Turns what the log has given back into a room's publications: encodes each entry once per
// dialect that has members there, into segments that follow one another.
//
//     entry, entry, … --encode--> scratch --(flush)--> segment slice + items = Publication
//
// Pure; the hub's thread only. One per room.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "modes/serve/hub/encoder.h"
#include "modes/serve/hub/publication.h"

namespace netchat::serve {

using Encoders = std::array<Encoder*, kDialects>;

class Publisher {
  public:
    explicit Publisher(RoomId room) : room_(room) {}

    // Which dialects have members: others cost nothing.
    using Wanted = std::array<bool, kDialects>;

    void add(const Encoders& encoders, const Wanted& wanted, std::string_view roomName,
             const store::Entry& entry);
    void add(const Encoders& encoders, const Wanted& wanted, const PresenceNote& note);
    // What was added since the last time; null when nothing was. `lastSeq`: of the room.
    std::shared_ptr<const Publication> flush(uint64_t lastSeq);
    bool empty() const { return items_.empty(); }
    // Large publications are cut, so that a burst begins to leave while the rest is encoded.
    bool full() const;

  private:
    Run store(size_t dialect);

    RoomId room_;
    std::array<std::string, kDialects> scratch_;
    std::vector<Item> items_;
    std::vector<InlineFile> files_;
    std::array<std::shared_ptr<Segment>, kDialects> segments_;
};

// Encodes one entry for one dialect into a page for one session.
void addToPage(Page& page, Encoder& encoder, size_t dialect, std::string_view roomName,
               const store::Entry& entry);

// The same of entries that are lost. `among`: where the dialect can, between those that are there.
void addLostToPage(Page& page, Encoder& encoder, size_t dialect, std::string_view roomName,
                   const store::Entry& lost, bool among);

}  // namespace netchat::serve

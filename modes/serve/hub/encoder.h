#pragma once

// How one dialect writes a room's log. The hub has one encoder per dialect and knows no more of
// dialects than this.

#include <cstdint>
#include <string>
#include <string_view>

#include "modes/store/room_log.h"
#include "protocol/charset.h"
#include "protocol/classic.h"

namespace netchat::serve {

struct PresenceNote {
    std::string_view room, state, nick, was;
    uint64_t user;
};

// Hub thread only.
class Encoder {
  public:
    static constexpr size_t kNoFile = static_cast<size_t>(-1);

    virtual ~Encoder() = default;
    // Appends the entry; returns the offset in `out` where a file's bytes belong, or kNoFile.
    virtual size_t entry(std::string& out, std::string_view room, const store::Entry& entry) = 0;
    // Appends a duplicate's entry for the one who said it twice.
    virtual void again(std::string& out, std::string_view room, const store::Entry& entry) = 0;
    // Appends that entries are lost, where the dialect has a place for that among the others.
    virtual bool lost(std::string& /*out*/, std::string_view /*room*/, uint64_t /*first*/,
                      uint64_t /*last*/) {
        return false;
    }
    virtual void presence(std::string& out, const PresenceNote& note) = 0;
    // Do users of this dialect get back what they said?
    virtual bool sendsOwn() const = 0;
};

class V2Encoder : public Encoder {
  public:
    size_t entry(std::string& out, std::string_view room, const store::Entry& entry) override;
    void again(std::string& out, std::string_view room, const store::Entry& entry) override;
    bool lost(std::string& out, std::string_view room, uint64_t first, uint64_t last) override;
    void presence(std::string& out, const PresenceNote& note) override;
    bool sendsOwn() const override { return true; }
};

class ClassicEncoder : public Encoder {
  public:
    ClassicEncoder(size_t headerWidth, Charset& charset) : format_{headerWidth, charset} {}
    size_t entry(std::string& out, std::string_view room, const store::Entry& entry) override;
    void again(std::string&, std::string_view, const store::Entry&) override {}
    void presence(std::string&, const PresenceNote&) override {}
    bool sendsOwn() const override { return false; }

  private:
    classic::Format format_;
};

}  // namespace netchat::serve

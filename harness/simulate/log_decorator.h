#pragma once

// A log that stands before another one and passes everything on. What derives from it changes the
// rest.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/store/room_log.h"

namespace netchat::simulate {

class LogDecorator : public store::RoomLog {
  public:
    explicit LogDecorator(store::RoomLog& real) : real_(real) {}
    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override {
        return real_.append(drafts);
    }
    bool isUnsure() const override { return real_.isUnsure(); }
    std::optional<store::Appended> alreadySaid(const store::Draft& draft) override {
        return real_.alreadySaid(draft);
    }
    Result<std::vector<store::Appended>> findOut() override { return real_.findOut(); }
    store::Range range(std::string_view room) const override { return real_.range(room); }
    void eachRoom(const RoomVisitor& visit) const override { real_.eachRoom(visit); }
    Result<store::Purged> purgeSome(store::Purge& purge) override { return real_.purgeSome(purge); }
    Result<std::vector<std::string>> filesNamed(std::string_view name) override {
        return real_.filesNamed(name);
    }
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override {
        return real_.read(room, seq, visit);
    }
    std::string_view durability() const override { return real_.durability(); }
    std::string_view identity() const override { return real_.identity(); }
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override {
        return real_.sharedWith(identity, room);
    }

  protected:
    store::RoomLog& real_;
};

}  // namespace netchat::simulate

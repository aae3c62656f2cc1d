#pragma once

// The log of a simulated server as its hub sees it where appends take longer than a turn. The
// simulation says when a batch is written, and when the hub learns of it; between the two the log
// has what nobody may see yet.
//
//     hub --append()--> isGiven --write()--> isWritten --take()--> LogAnswered --> hub

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "modes/serve/hub/log_port.h"
#include "modes/store/room_log.h"

namespace netchat::simulate {

class LateLog final : public store::RoomLog, public serve::LogPort {
  public:
    LateLog(store::RoomLog& real, bool hides) : real_(real), hides_(hides) {}

    // ---- steps
    bool isGiven() const { return batch_ && !outcome_; }
    bool isWritten() const { return outcome_.has_value(); }
    void write();
    Outcome take();  // from now on it is seen

    // ---- for the hub
    std::optional<Outcome> append(std::shared_ptr<const serve::DraftBatch> batch) override;

    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override {
        return real_.append(drafts);
    }
    bool isUnsure() const override { return real_.isUnsure(); }
    std::optional<store::Appended> alreadySaid(const store::Draft& draft) override;
    Result<std::vector<store::Appended>> findOut() override { return real_.findOut(); }
    store::Range range(std::string_view room) const override;
    void eachRoom(const RoomVisitor& visit) const override;
    Result<store::Purged> purgeSome(store::Purge& purge) override { return real_.purgeSome(purge); }
    Result<std::vector<std::string>> filesNamed(std::string_view name) override {
        return real_.filesNamed(name);
    }
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    std::string_view durability() const override { return real_.durability(); }
    std::string_view identity() const override { return real_.identity(); }
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override;

  private:
    store::RoomLog& real_;
    const bool hides_;  // what is written and not answered
    std::shared_ptr<const serve::DraftBatch> batch_;
    std::optional<Outcome> outcome_;
    std::map<std::string, uint64_t, std::less<>> hiddenFrom_;  // of a room; the first entry
    std::set<std::pair<uint64_t, std::string>> hiddenIds_;
};

}  // namespace netchat::simulate
